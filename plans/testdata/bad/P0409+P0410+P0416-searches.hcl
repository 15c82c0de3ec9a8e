service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "one" {
  service = service.api

  vary "replicas" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}

search "two" {
  service = service.api

  vary "memory" {
    from = "2G"
    to   = "1G"
    step = "100M"
  }
}

search "three" {
  service = service.api

  set {
    memory = "1G"
  }

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
