service "api" {
  image = "fast-api-mlflow:latest"
  ports = []
}

scenario "predict" {
  think_time = "1s"

  request "predict" {
    path = "/predict"
  }
}

check "load" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
