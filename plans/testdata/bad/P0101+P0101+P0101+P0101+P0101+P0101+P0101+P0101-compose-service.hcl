service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  volumes        = ["/data:/data"]
  build          = "."
  container_name = "api"
  depends_on     = ["mlflow"]
  mem_limit      = "500M"
  user           = "1000"

  healthcheck {
    test = "curl localhost:8000"
  }

  deploy {
    replicas = 1
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
