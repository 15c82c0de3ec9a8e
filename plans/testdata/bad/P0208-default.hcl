variable "users" {
  type    = number
  default = 500

  validation {
    condition     = var.users <= 100
    error_message = "Not more than 100 users, ${var.users} are too many."
  }
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"

  request "predict" {
    path = "/predict"
    json = { inputs = [1] }
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = var.users
  }
}
