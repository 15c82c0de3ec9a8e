# Does the API start, and how little memory does it start with?

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  ready {
    path = "/health"
  }
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "2G"
    step = "100M"
  }
}
