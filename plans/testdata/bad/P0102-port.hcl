service "api" {
  image = "fast-api-mlflow:latest"
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
