service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  ports      = ["8080:8000"]
  depends_on = [service.db, service.page]
}

service "db" {
  image = "redis:7.4"
  ports = ["127.0.0.1:6379:6379", "8080:8080"]
}

service "page" {
  image = "redis:7.4"
  ports = ["0.0.0.0:6379:80"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
