# The most users that an API serves within its thresholds, found by the ramp.
#
# One load doubles its users until a threshold is broken. Trials with new
# containers then prove the answer: one passes, and one fails one step above.

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  limits {
    memory = "1300M"
    cpus   = 0.5
  }

  ready {
    path   = "/health"
    within = "120s"
  }
}

scenario "predict" {
  think_time = between("1s", "3s")

  request "predict" {
    path   = "/predict"
    json   = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
    weight = 9 # nine of ten requests
  }

  request "health" {
    path   = "/health"
    weight = 1
  }
}

ramp "users" {
  service = service.api
  users   = "auto"
  from    = 10
  to      = 1000
  step    = 5 # users between the two trials of the proof

  load {
    scenario   = scenario.predict
    spawn_rate = "20/s" # new users per second
    runtime    = "150s"
    warm_up    = "10s" # starts when all users are active; not judged
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%" # timeouts are errors
  }

  assert "cpu" {
    condition     = trial.cpu_share < 0.9
    error_message = "The service used ${trial.cpu_share * 100} % of its CPU limit."
  }
}

output "users" {
  value = ramp.users.held
}
