service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = 500
    to   = "1000M"
    step = "100M"
  }
}
