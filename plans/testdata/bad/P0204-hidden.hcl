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

  assert "calm" {
    condition     = trial.oom_kills == 0 && trial.oomkills == 0
    error_message = "It was killed."
  }
}
