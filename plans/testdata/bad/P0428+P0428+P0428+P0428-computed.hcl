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
    query = { a = feed.users.id + 1, b = "x" }
    headers = { A = feed.users.id == "7" ? "a" : "b" }
    json = [for x in [feed.users.name] : upper(x)]
    path = "/a${!feed.users.id}"
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
