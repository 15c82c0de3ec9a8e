# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "8G"
    to   = "32G"
    step = "4G"
  }
}
