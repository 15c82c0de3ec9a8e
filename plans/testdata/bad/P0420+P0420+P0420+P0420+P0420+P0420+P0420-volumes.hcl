service "v0" {
  image   = "fast-api-mlflow:latest"
  expose  = ["8000"]
  volumes = ["/data"]
}

service "v1" {
  image   = "fast-api-mlflow:latest"
  expose  = ["8000"]
  volumes = ["models/iris:/model"]
}

service "v2" {
  image   = "fast-api-mlflow:latest"
  expose  = ["8000"]
  volumes = ["~/model:/model"]
}

service "v3" {
  image   = "fast-api-mlflow:latest"
  expose  = ["8000"]
  volumes = ["data:model"]
}

service "v4" {
  image   = "fast-api-mlflow:latest"
  expose  = ["8000"]
  volumes = ["data:/model:z"]
}

service "v5" {
  image   = "fast-api-mlflow:latest"
  expose  = ["8000"]
  volumes = ["data:/"]
}

service "v6" {
  image   = "fast-api-mlflow:latest"
  expose  = ["8000"]
  volumes = ["a1:/data", "b1:/data/"]
}

service "api" {
  image      = "fast-api-mlflow:latest"
  expose     = ["8000"]
  depends_on = ["v0", "v1", "v2", "v3", "v4", "v5", "v6"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
