preflight "mlflow" {
  network = "proyecto-2_default"
  url     = "http://mlflow:5000/health"
  within  = "0s"
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  ready {
    within = "0s"
  }
}

scenario "predict" {
  think_time = "0s"

  request "predict" {
    path    = "/predict"
    timeout = "0s"
  }
}

guard {
  runtime = "0m"
}

check "ten" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 10
    runtime  = "0s"
  }

  threshold {
    p95 = "0ms"
  }
}
