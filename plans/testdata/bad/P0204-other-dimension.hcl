service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "cpus" {
    from = 0.5
    to   = 2
    step = 0.5
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
  users   = [10, 50]

  set {
    memory = search.memory.found.memory
  }

  load {
    scenario = scenario.predict
  }
}
