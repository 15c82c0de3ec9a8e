variable "a" {
  default = "x"
}

variable "b" {
  default = var.a
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  command = [var.a, var.b]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
