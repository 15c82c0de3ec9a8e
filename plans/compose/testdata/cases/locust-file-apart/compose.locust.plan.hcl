# Made of compose.yaml and compose.locust.yaml by `plan init`. How little does model run on, and how
# many users does it then hold?

plan "locust-file-apart" {
  language = 1
}

network "shop_default" {
  name     = "shop_default"
  external = true # must exist: it is never made and never removed
}

# What is tested: every trial starts it anew.
service "model" {
  image    = "example/model:1"
  networks = [network.shop_default]
  expose   = ["8000"] # locust asks this one: the Compose file names none

  limits {
    memory = "512M"
    cpus   = 0.5
  }
}

# The least memory at which it starts and answers.
search "memory" {
  service = service.model

  vary "memory" {
    # Around the 512M that the Compose file gives it.
    from = "100M"
    to   = "1G"
    step = "50M"
  }

  load {
    users      = 10 # each has a connection of its own: one alone would reach one worker
    spawn_rate = "10/s"
    runtime    = "30s"

    driver "locust" {
      file  = "locustfile.py"
      image = "locustio/locust"
    }
  }
}

# The most users that it then holds.
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

# Of the Compose file, besides what stands above, this did not come over as it is:
# - locust: it is Locust, and drives the load of the stages: its address, users, spawn rate and
#   runtime come from the plan
# - : compose.yaml is taken too: it has model, which locust asks
