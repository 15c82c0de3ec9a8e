service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"

  feed "users" {
    file = "users.csv"
  }

  on_start {
    request "predict" {
      path = "/login"

    }
  }

  request "predict" {
    path = "/${feed.users.id}"
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
