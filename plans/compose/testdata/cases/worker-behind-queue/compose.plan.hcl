# Written by `plan init` from compose.yaml. How little memory does api need, and how many users does
# it sustain with that?

plan "worker-behind-queue" {
  language = 1
}

# The service under test: every trial starts a new container.
# - depends_on: worker is added: it gets its work from redis, and api puts it there
service "api" {
  image      = "example/model:1"
  command    = ["uvicorn", "main:app", "--port", "8000"]
  expose     = ["8000"]
  ports      = ["8000:8000"]
  depends_on = [service.redis, service.worker]

  environment = {
    CELERY_BROKER_URL = "redis://redis:6379/0"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "redis" {
  image  = "redis:7"
  expose = ["6379"] # the usual port of such a service: the Compose file names none
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "worker" {
  image      = "example/model:1"
  command    = ["celery", "-A", "tasks", "worker"]
  depends_on = [service.redis]

  environment = {
    CELERY_BROKER_URL = "redis://redis:6379/0"
  }
}

# What each user repeats. A Compose file has no requests: replace these with those of your users.
scenario "user" {
  guessed    = true # remove this line once the requests are those of your users
  think_time = between("1s", "3s")

  request "first" {
    path = "/docs"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.api

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
  service = service.api
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
