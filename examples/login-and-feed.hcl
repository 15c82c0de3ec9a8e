# Users that log in, and requests that take their values from tables.
#
# Each user keeps one row of users.csv and the cookies that the login sets.
# Each request takes the next row of flowers.jsonl.

variable "api_key" { # from PLAN_VAR_api_key; never printed, never stored
  type      = string
  default   = "workshop"
  sensitive = true
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  limits {
    memory = "1300M"
    cpus   = 0.5
  }

  ready {
    path = "/health"
  }
}

scenario "session" {
  think_time = between("1s", "3s")
  headers    = { X-Api-Key = var.api_key } # with every request

  feed "users" { # used by on_start: one row for each user
    file = "users.csv"
  }

  feed "flowers" {
    file  = "flowers.jsonl" # values keep their types
    order = "random"        # default: in_order, which starts again after the last row
  }

  on_start { # once for each user, before its other requests
    request "login" {
      path = "/login"
      form = { name = feed.users.name, password = feed.users.password }

      expect {
        status = [200, 204]
      }
    }
  }

  request "predict" {
    path    = "/predict"
    headers = { X-User = feed.users.name }
    json    = { inputs = [feed.flowers.inputs] }

    expect {
      json     = ["$.predictions[0]"] # must exist, with any value
      not_body = "error"              # a 200 with this text is a failed request
    }
  }

  request "flower" {
    path   = "/flowers/${feed.flowers.id}"
    weight = 0.2 # once for every five predictions
  }
}

check "twenty" {
  service = service.api

  load {
    scenario = scenario.session
    users    = 20
    runtime  = "2m"
  }

  threshold {
    p90        = "500ms"
    error_rate = "1%"

    request "flower" { # bounds of one request, in addition to those of all
      p90 = "200ms"
    }
  }
}
