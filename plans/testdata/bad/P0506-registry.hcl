# with: host
image "api" {
  source = "fast-api-mlflow:latest"
  name   = "registry.example.com/fast-api-mlflow:latest"
  push   = true
}

service "api" {
  image  = image.api
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
