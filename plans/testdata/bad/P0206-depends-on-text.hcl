variable "first" {
  default = "memory"
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api
  depends_on = var.first

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
