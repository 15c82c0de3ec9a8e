# with: host
service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  networks = ["proyecto-2_defalt"]
  ports    = ["5000:8000"]

  limits {
    memory = "64G"
    cpus   = 8
  }
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
