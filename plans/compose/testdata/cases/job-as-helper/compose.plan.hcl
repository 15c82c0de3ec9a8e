# Made of compose.yaml by `plan init`. How little does model run on, and how many users does it then
# hold?

plan "job-as-helper" {
  language = 1
}

# What is tested: every trial starts it anew.
# - depends_on: nothing says what it needs, so what keeps data is started: take out what it does not
#   need: store
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

# Started once, before the first stage that needs it, and kept until the run ends.
service "store" {
  image   = "example/python:1"
  command = ["python3", "-m", "http.server", "9000"]
}

# Run once, before the first stage that needs it.
service "store-setup" {
  image      = "example/python:1"
  command    = ["sh", "-c", "echo bucket made"]
  depends_on = [service.store]

  ready {
    ended  = true # it is a job: exit code 0 means done
    within = "300s"
  }
}

# What a user does, over and over. A Compose file does not tell: put in what your users ask.
scenario "user" {
  think_time = between("1s", "3s")

  request "first" {
    path = "/"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and answers.
search "memory" {
  service = service.model

  vary "memory" {
    # Around the 64M that the Compose file gives it.
    from = "10M"
    to   = "128M"
    step = "10M"
  }

  load {
    scenario   = scenario.user
    users      = 10 # each has a connection of its own: one alone would reach one worker
    spawn_rate = "10/s"
    runtime    = "30s"
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
    scenario = scenario.user
    runtime  = "60s"
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}
