service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  build          = "."
  container_name = "api"
  hostname       = "api"
  links          = ["mlflow"]
  mem_limit      = "500M"
  pull_policy    = "always"

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
