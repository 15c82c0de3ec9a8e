service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"
  basic_auth {
  }
  max_redirects = 5

  request "predict" {
    path = "/predict"
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
