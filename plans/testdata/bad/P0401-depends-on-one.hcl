service "api" {
  image      = "fast-api-mlflow:latest"
  expose     = ["8000"]
  depends_on = "db"
}

service "db" {
  image = "postgres:16"
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
