service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

check "load" {
  service = service.api

  load {
    users        = 10
    arrival_rate = "10/s"
    warm_up      = "10s"

    driver "locust" {
      file = "locustfile.py"
    }
  }
}
