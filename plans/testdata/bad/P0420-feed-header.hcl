service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"

  feed "users" {
    file = "broken.csv"
  }

  request "predict" {
    path = "/predict"
    headers = { X-Token = feed.users.token }
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
