# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "32G"
    to   = "64G"
    step = "4G"
  }
}
