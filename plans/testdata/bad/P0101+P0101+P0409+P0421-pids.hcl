service "api" {
  image      = "fast-api-mlflow:latest"
  expose     = ["8000"]
  pids_limit = 64

  limits {
    pids = 0
  }
}

search "one" {
  service = service.api

  set {
    pids = 64
  }

  vary "pids" {
    from = 10
    to   = 100
    step = 10
  }
}
