# with: --var limits={a=1}
# with: --var steps=[1,"b"]
# with: --var flag=yes
# with: --var nested={a=1,b=[1,"x"]}
variable "limits" {
  type = object({ a = number, b = number })
}

variable "steps" {
  type = list(number)
}

variable "flag" {
  type = bool
}

variable "nested" {
  type = object({ a = number, b = list(number) })
}

locals {
  all = [var.limits, var.steps, var.flag, var.nested]
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  command = [jsonencode(local.all)]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
