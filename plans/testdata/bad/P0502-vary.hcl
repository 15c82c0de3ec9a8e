# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "1M"
    to   = "10M"
    step = "1M"
  }
}
