# Written by `plan init` from compose.yaml. How little memory does model need, and how many users
# does it sustain with that?

plan "healthcheck-post" {
  language = 1
}

# The service under test: every trial starts a new container.
service "model" {
  image  = "example/model:1"
  expose = ["8000"]
  ports  = ["8000:8000"]

  ready {
    command = ["/bin/sh", "-c", "curl -fsS -X POST -H 'Content-Type: application/json' -d '{\"inputs\":[1]}' http://localhost:8000/predict"]
    within  = "90s" # the health check's start_period and retries
  }
}

# What each user repeats. A Compose file has no requests: replace these with those of your users.
scenario "user" {
  guessed    = true # remove this line once the requests are those of your users
  think_time = between("1s", "3s")

  request "first" {
    path = "/"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
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
    scenario   = scenario.user
    users      = 10 # each has its own connection: a single one would reach only one worker
    spawn_rate = "10/s"
    runtime    = "30s"
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
    scenario = scenario.user
    runtime  = "60s"
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}
