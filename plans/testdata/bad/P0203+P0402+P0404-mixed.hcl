service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  limits {
    memory = 500
  }

  ready {
    within = 60
  }
}

search "memory" {
  service = service.app

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
