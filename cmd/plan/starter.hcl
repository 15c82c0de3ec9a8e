# How little does the API run on, and how many users does it then hold?
# What to put in is marked with "<-".

service "api" {
  image  = "fast-api-mlflow:latest" # <- your image: on the engine, or in a registry
  expose = ["8000"]                 # <- the port that it serves on

  # command     = ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
  # networks    = ["proyecto-2_default"] # one that exists, to reach what runs there
  # environment = { MLFLOW_TRACKING_URI = "http://mlflow:5000" }

  limits {
    cpus = 0.5 # <- memory is searched below
  }

  ready {
    path = "/health" # <- answers once the API can be asked
  }
}

# What a user does, over and over.
scenario "user" {
  think_time = between("1s", "3s")

  request "predict" {
    path = "/predict" # <- and what your model takes
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
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
