# Written by `plan init` from compose.yaml. How little memory does model need, and how many users
# does it sustain with that?

plan "job-as-helper" {
  language = 1
}

# The service under test: every trial starts a new container.
# - depends_on: the Compose file does not state what it needs, so every store is a helper: remove
#   those that it does not need: store
# - depends_on: store-setup is added: it is a job that prepares store
service "model" {
  image      = "example/model:1"
  expose     = ["8000"]
  ports      = ["8000:8000"]
  depends_on = [service.store, service.store-setup]

  limits {
    memory = "64M"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "store" {
  image   = "example/python:1"
  command = ["python3", "-m", "http.server", "9000"]
}

# Runs once, before the first stage that needs it.
service "store-setup" {
  image      = "example/python:1"
  command    = ["sh", "-c", "echo bucket made"]
  depends_on = [service.store]

  ready {
    ended  = true # a job: exit code 0 means done
    within = "300s"
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
    # Around the 64M of the Compose file.
    from = "10M"
    to   = "120M"
    step = "10M"
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
