service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"
  auth {
    basic {
      username = "a:b"
      password = "b"
    }
  }

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
