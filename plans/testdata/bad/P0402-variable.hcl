# with: PLAN_VAR_least=500
variable "least" {
  type    = size
  default = "500M"
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = var.least
    to   = "1000M"
    step = "100M"
  }
}
