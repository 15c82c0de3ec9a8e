# Bounds of a request that is written otherwise, of one that users begin with,
# and of one twice.

service "api" {
  image  = "api:1"
  expose = ["8000"]
}

scenario "s" {
  think_time = "1s"

  on_start {
    request "login" {
      path = "/login"
    }
  }

  request "predict" {
    path = "/predict"
  }
}

check "c" {
  service = service.api

  load {
    scenario = scenario.s
    users    = 10
  }

  threshold {
    request "predcit" {
      p95 = "500ms"
    }

    request "login" {
      p95 = "500ms"
    }

    request "predict" {
      p95 = "500ms"
    }

    request "predict" {
      p99 = "1s"
    }
  }
}
