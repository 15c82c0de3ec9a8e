locals {
  name = feed.users.name
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  environment = {
    NAME = feed.users.name
  }
}

scenario "predict" {
  think_time = "1s"

  feed "users" {
    file = "users.csv"
  }

  auth {
    basic {
      username = feed.users.name
      password = "x"
    }
  }

  request "predict" {
    path    = "/predict/${feed.users.id}"
    headers = { Name = local.name }
  }
}

scenario "other" {
  think_time = "1s"

  feed "items" {
    file = "items.jsonl"
  }

  request "predict" {
    path = "/predict/${feed.users.id}/${feed.items.id}"
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}

check "other" {
  service = service.api

  load {
    scenario = scenario.other
    users    = 10
  }
}
