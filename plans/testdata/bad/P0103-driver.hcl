service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  limits {
    memory = "1G"
  }
}

check "held" {
  service = service.api

  load {
    users = 10

    driver {
      file = "load/locustfile.py"
    }
  }
}
