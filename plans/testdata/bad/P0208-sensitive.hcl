# with: PLAN_VAR_token=hunter2hunter2
variable "token" {
  type      = string
  default   = ""
  sensitive = true

  validation {
    condition     = strlen(var.token) < 5
    error_message = "The token ${var.token} is too long."
  }
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  environment = { TOKEN = var.token }
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
