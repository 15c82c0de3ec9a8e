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
  users   = [10, 50]

  load {
    scenario     = scenario.predict
    arrival_rate = "10/s"
    stages       = [{ users = 10, over = "5s" }]
    users        = 10
  }
}
