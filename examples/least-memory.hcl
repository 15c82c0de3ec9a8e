# The least memory at which an API starts and responds to predictions.
#
# The search tries values from 500M to 2G and stops when one value passed and
# the value one step below failed. `plan show` prints how many trials that takes.

service "api" {
  image  = "fast-api-mlflow:latest" # on the engine, or pulled
  expose = ["8000"]                 # the port that gets the requests

  limits {
    cpus = 0.5 # the same in every trial; only memory varies
  }

  ready {
    path   = "/health"
    within = "120s" # a trial fails if the service is not ready by then
  }
}

scenario "predict" {
  think_time = between("1s", "3s") # pause of a user between response and next request

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] } # with a body the method is POST
  }
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "2G" # tried too, even if it is not on a step
    step = "100M"
  }

  load { # without this block the service only has to start
    scenario = scenario.predict
    users    = 1
    runtime  = "30s"
  }
}

output "memory" { # printed at the end of the run
  value = search.memory.recommended.memory
}
