# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  depends_on = [service.db]

  limits {
    memory = "16G"
  }
}

service "db" {
  image = "redis:7.4"

  limits {
    memory = "10G"
  }
}

check "load" {
  service = service.api
}
