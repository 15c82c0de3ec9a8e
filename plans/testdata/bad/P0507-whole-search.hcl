# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "cpus" {
    from = 4
    to   = 8
    step = 1
  }
}
