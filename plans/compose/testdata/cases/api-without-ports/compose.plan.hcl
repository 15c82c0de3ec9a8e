# Written by `plan init` from compose.yaml. How little memory does model need, and how many users
# does it sustain with that?

plan "api-without-ports" {
  language = 1
}

# The service under test: every trial starts a new container.
service "model" {
  image  = "example/model:1"
  expose = ["8181"] # locust uses this port: the Compose file names none
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.model

  vary "memory" {
    from = "100M"
    to   = "4000M"
    step = "100M"
  }

  load {
    users      = 10 # each has its own connection: a single one would reach only one worker
    spawn_rate = "10/s"
    runtime    = "30s"

    driver "locust" {
      file  = "locustfile.py"
      image = "locustio/locust"
    }
  }
}

# The largest number of users that it sustains with the recommended memory.
ramp "users" {
  service = service.model
  users   = [10, 50, 100, 250, 500, 1000]

  set {
    memory = search.memory.recommended.memory
  }

  load {
    runtime = "60s"

    driver "locust" {
      file  = "locustfile.py"
      image = "locustio/locust"
    }
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

# Further differences from the Compose file:
# - locust: it is Locust, the driver of the stages: host, users, spawn rate and runtime come from
#   the plan
