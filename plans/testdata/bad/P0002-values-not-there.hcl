# with: --var-file missing.hcl
variable "tag" {}

variable "users" {}

service "api" {
  image  = "fast-api-mlflow:${var.tag}"
  expose = [var.users]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
