# Made of compose.yaml by `plan init`. How little does model run on, and how many users does it then
# hold?

plan "api-without-ports" {
  language = 1
}

# What is tested: every trial starts it anew.
service "model" {
  image  = "example/model:1"
  expose = ["8181"] # locust asks this one: the Compose file names none
}

# The least memory at which it starts and answers.
search "memory" {
  service = service.model

  vary "memory" {
    from = "500M"
    to   = "4G"
    step = "100M"
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
