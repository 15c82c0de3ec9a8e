# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  networks = ["proyecto-2-default", "storage"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
