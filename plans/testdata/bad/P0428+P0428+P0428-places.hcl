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
    weight = feed.users.id
    method = feed.users.name
    timeout = "${feed.users.id}s"
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
