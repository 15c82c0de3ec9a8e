# as of docker compose
services:
  api:
    image: fast-api-mlflow:latest
    ports:
      - "8000:8000"
