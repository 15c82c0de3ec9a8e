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
  users   = [100, 10]

  load {
    scenario   = scenario.predict
    spawn_rate = "100"
  }

  threshold {
    error_rate = "1"
  }
}

search "memory" {
  service  = service.api
  strategy = "anchor"

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
