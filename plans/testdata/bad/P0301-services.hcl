service "api" {
  image      = "fast-api-mlflow:latest"
  expose     = ["8000"]
  depends_on = [service.worker]
}

service "worker" {
  image      = "fast-api-mlflow:latest"
  depends_on = ["db"]
}

service "db" {
  image      = "redis:7.4"
  depends_on = [service.api]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
