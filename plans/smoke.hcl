# The least memory with which the API starts.

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
