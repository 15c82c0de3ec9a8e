service "api" {
  img      = "fast-api-mlflow:latest"
  expose   = ["8000"]
  scale = 3
}

search "memory" {
  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
