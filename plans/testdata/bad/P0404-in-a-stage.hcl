service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"

  request "predict" {
    path = "/predict"
    json = { inputs = [1] }
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    stages   = [{ users = 100, over = 30 }]
  }
}
