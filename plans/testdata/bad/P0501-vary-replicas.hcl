# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  replicas = 2
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "1G"
    to   = "16G"
    step = "1G"
  }
}
