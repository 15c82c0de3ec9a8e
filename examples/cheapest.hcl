# The cheapest memory and CPU limits with which an API serves ten users within a
# threshold.
#
# The search tries combinations of both. Its answer is the cheapest one that passed,
# together with the failures that rule out everything cheaper.

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  ready {
    path   = "/health"
    within = "120s"
  }
}

scenario "predict" {
  think_time = between("1s", "3s")

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

search "resources" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "2G"
    step = "100M"
  }

  vary "cpus" {
    from = 0.25
    to   = 2
    step = 0.25
  }

  price { # of an hour, in any currency
    cpus   = 0.04
    memory = 0.005 # of one GiB
  }

  budget { # when it is used up, the best combination so far is the answer
    time = "1h"
  }

  load {
    scenario = scenario.predict
    users    = 10
    runtime  = "60s"
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

output "limits" {
  value = "${search.resources.found.cpus} CPU, ${search.resources.recommended.memory}"
}
