image "api" {
  source = "fast-api-mlflow:latest"
  name   = "user/api:${local.least}"
  push   = true
}

locals {
  least = search.memory.found.memory
}

service "api" {
  image  = "fast-api-mlflow:latest"
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
