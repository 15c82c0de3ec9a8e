locals {
  port = 8000
}

locals {
  port = 9000
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = [local.port]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
