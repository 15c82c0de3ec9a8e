locals {
  mlflow = "${local.minio}x"
  minio  = "${local.store}y"
  store  = "${local.mlflow}z"
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  command = [local.mlflow]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
