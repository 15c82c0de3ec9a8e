service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  networks   = ["proyecto-2_default"]
  depends_on = [service.db]
}

service "db" {
  image = "redis:7.4"
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
