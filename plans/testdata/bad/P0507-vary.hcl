# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "cpus" {
    from = 0.5
    to   = 4
    step = 0.5
  }
}
