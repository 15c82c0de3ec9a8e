service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  ports    = ["127.0.0.1:8000:8001"]
  replicas = 3
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
