service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = between("1s", "3s")

  request "predict" {
    path = "/predict"
    json = { inputs = [1] }
  }
}

check "one" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 1
    runtime  = "30s"
  }

  threshold {
    p50 = "100ms"
    p99 = "500ms"
  }
}

ramp "users" {
  service = service.api
  users   = [5, 50]

  load {
    scenario = scenario.predict
    runtime  = "30s"
  }

  threshold {
    p95 = "500ms"
  }
}
