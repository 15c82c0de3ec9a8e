service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"

  feed "users" {
    file = "users.csv"
  }

  request "predict" {
    path = "/predict"
    headers = { Host = feed.users.name }
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
