service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {

  request "predict" {
    path = "/predict"
    json = { inputs = [1] }
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    stages   = []
  }
}
