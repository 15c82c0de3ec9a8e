# with: PLAN_VAR_token=hunter2
variable "token" {
  type      = string
  default   = ""
  sensitive = true
}

image "api" {
  source = "fast-api-mlflow:latest"
  name   = "user/api:${var.token}"
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
