# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

check "load" {
  service = service.api

  load {
    users = 10

    driver "locust" {
      file = "locustfile.py"
    }
  }
}
