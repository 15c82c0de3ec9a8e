service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"

  feed "users" {
    file = "items.jsonl"
  }

  request "predict" {
    path = "/predict"
    json = feed.users.tags[0]
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
