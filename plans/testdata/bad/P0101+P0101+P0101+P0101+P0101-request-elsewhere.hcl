service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
}

scenario "predict" {
  think_time = "1s"

  request "predict" {
    path = "/predict"
    params = { a = 1 }
    allow_redirects = true
    files = { a = "b" }
    cookies = { a = "b" }
    url = "http://x/"
  }
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
  }
}
