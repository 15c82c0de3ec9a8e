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
  users   = [100, 10000]

  load {
    scenario = scenario.predict
    spawn_rate = "50/s"
    runtime    = "150s"
  }
}
