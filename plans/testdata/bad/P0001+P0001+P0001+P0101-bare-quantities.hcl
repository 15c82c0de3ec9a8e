service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  replicaz = 3
}

search "memory" {
  service = service.api

  vary "memory" {
    from = 500M
    to   = "1000M"
    step = 1.5G
  }

  margin = 15%
}
