volumes {
  data = {}
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  scale  = 2

  limits {
    memory   = "500M"
    replicas = 2
  }
}

scenario "predict" {
  think_time = "1s"

  request "predict" {
    path = "/predict"
  }
}

check "load" {
  service = service.api

  load {
    locustfile = "locustfile.py"
    users      = 10
  }
}
