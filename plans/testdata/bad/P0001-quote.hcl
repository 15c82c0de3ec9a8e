service "api" {
  image = "fast-api-mlflow:latest
}
