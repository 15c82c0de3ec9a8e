# Made of compose.yaml by `plan init`. How little does model run on, and how many users does it then
# hold?

plan "entrypoint-of-api" {
  language = 1
}

image "model" {
  source = "entrypoint-of-api-model"
  pull   = "never" # it is built, and in no registry
}

# What is tested: every trial starts it anew.
# - build: a plan builds nothing: run `docker compose build model` before, which makes
#   entrypoint-of-api-model (docker-compose 1 makes entrypoint-of-api_model)
service "model" {
  image      = image.model
  entrypoint = ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
  expose     = ["8000"]
  ports      = ["8000:8000"]
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
