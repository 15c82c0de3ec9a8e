variable "model" {
  type    = object({ name = string, port = number })
  default = { name = "iris", port = 8000 }
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  command = [var.model.nam]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
