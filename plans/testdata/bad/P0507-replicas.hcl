# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  replicas = 3

  limits {
    cpus = 1
  }
}

check "load" {
  service = service.api
}
