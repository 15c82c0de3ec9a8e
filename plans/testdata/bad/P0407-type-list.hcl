variable "users" {
  type    = list
  default = [5]
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

ramp "users" {
  service = service.api
  users   = var.users

  load {
    scenario = scenario.predict
  }
}
