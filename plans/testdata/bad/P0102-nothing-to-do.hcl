service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}
