service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
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
  users   = search.memory.found.memory

  load {
    scenario = scenario.predict
  }
}
