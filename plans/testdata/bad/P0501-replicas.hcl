# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  limits {
    memory = "10G"
  }
}

check "load" {
  service = service.api

  set {
    replicas = 3
  }
}
