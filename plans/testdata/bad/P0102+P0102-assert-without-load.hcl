service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

check "ten" {
  service = service.api

  assert "quick" {
    condition     = trial.exit_code == 0 && trial.p95 < 1 && trial.requests > 0
    error_message = "It was slow."
  }

  assert "careful" {
    condition     = trial.p95 == null ? true : trial.p95 < 1
    error_message = "It was slow."
  }
}
