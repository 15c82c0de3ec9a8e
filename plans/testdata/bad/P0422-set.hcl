service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  ports  = ["8000:8000"]
}

check "load" {
  service = service.api

  set {
    replicas = 2
  }
}
