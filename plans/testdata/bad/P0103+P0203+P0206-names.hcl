service "my api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

search "memory" {
  service = service.apii

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}

check "started" {
  service    = search.memory
  depends_on = [search.memory]
}
