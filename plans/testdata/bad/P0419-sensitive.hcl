# with: PLAN_VAR_token=hunter2
variable "token" {
  type      = string
  default   = ""
  sensitive = true
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  environment = { TOKEN = parseint(var.token, 10) }
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
