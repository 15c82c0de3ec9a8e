# Written by `plan init` from compose.yaml and compose.locust.yaml. How little memory does model
# need, and how many users does it sustain with that?

plan "locust-file-apart" {
  language = 1
}

network "shop_default" {
  name     = "shop_default"
  external = true # must exist: the run neither creates nor removes it
}

# The service under test: every trial starts a new container.
service "model" {
  image    = "example/model:1"
  networks = [network.shop_default]
  expose   = ["8000"] # locust uses this port: the Compose file names none

  limits {
    memory = "512M"
    cpus   = 0.5
  }
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.model

  vary "memory" {
    # Around the 512M of the Compose file.
    from = "50M"
    to   = "1000M"
    step = "50M"
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
# - compose.yaml is used too: it has model, which locust calls
