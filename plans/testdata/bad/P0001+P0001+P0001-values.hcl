# with: --var-file bare.vars
variable "size" {}

variable "most" {
  default = 1000M
}

locals {
  step = 100M
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = var.size
    to   = var.most
    step = local.step
  }
}
