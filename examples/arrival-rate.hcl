# Requests that arrive on a schedule (the open model).
#
# Users wait for responses, so they send fewer requests to a slow service.
# Arrivals do not wait: their latency counts from the intended start.

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  limits {
    memory = "1300M"
    cpus   = 1
  }

  ready {
    path = "/health"
  }
}

scenario "predict" { # no think time: the schedule says when requests start
  timeout = "5s"

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

check "steady" {
  service = service.api

  load {
    scenario     = scenario.predict
    arrival_rate = poisson("50/s") # random; "50/s" is evenly spaced
    users        = 200             # at most 200 in flight; further arrivals are dropped
    runtime      = "2m"
    warm_up      = "10s"
  }

  threshold {
    p99        = "1s"
    error_rate = "0.1%"
    throughput = "45/s" # OK responses per second
  }
}

check "rush" { # the rate rises to 100/s in one minute, stays for two, and falls
  service = service.api

  load {
    scenario = scenario.predict

    stages = [
      { rate = "100/s", over = "1m" },
      { rate = "100/s", over = "2m" },
      { rate = "10/s", over = "30s" },
    ]
  }

  threshold {
    p95        = "2s"
    error_rate = "1%"
  }
}
