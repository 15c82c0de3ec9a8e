# with: host
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
  users   = [10, 2000]

  load {
    scenario = scenario.predict
  }
}
