service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"

  request "predict" {
    path    = "/predict"
    timeout = "10s"
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }

  assert "quick" {
    condition     = trial.p95 < "500ms"
    error_message = "It was slow."
  }

  assert "small" {
    condition     = trial.memory_peak < "1G"
    error_message = "It was large."
  }

  assert "good" {
    condition     = "1%" > trial.error_rate
    error_message = "It failed."
  }
}
