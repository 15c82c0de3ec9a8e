# Made of compose.yaml by `plan init`. How little does api run on, and how many users does it then
# hold?

plan "worker-behind-queue" {
  language = 1
}

# What is tested: every trial starts it anew.
# - depends_on: worker is added: it takes its work from redis, where api puts it
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

# Started once, before the first stage that needs it, and kept until the run ends.
service "redis" {
  image  = "redis:7"
  expose = ["6379"] # the usual port of such a service: the Compose file names none
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "worker" {
  image      = "example/model:1"
  command    = ["celery", "-A", "tasks", "worker"]
  depends_on = [service.redis]

  environment = {
    CELERY_BROKER_URL = "redis://redis:6379/0"
  }
}

# What a user does, over and over. A Compose file does not tell: put in what your users ask.
scenario "user" {
  think_time = between("1s", "3s")

  request "first" {
    path = "/docs"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and answers.
search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "4G"
    step = "100M"
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
