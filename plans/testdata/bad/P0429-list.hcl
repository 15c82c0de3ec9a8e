service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"

  feed "users" {
    file = "list.ndjson"
  }

  request "predict" {
    path = "/${feed.users.a}"
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
