network "backend" {}

preflight "minio" {
  network = network.backend
  tcp     = "minio"
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  networks = [network.backend]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
