# Written by `plan init` from compose.yaml. How little memory does model need, and how many users
# does it sustain with that?

plan "image-named-locust" {
  language = 1
}

image "locust" {
  source = "image-named-locust-locust"
  pull   = "never" # it is built locally

  build {
    context = "./locust"
  }
}

# The service under test: every trial starts a new container.
# - depends_on: the Compose file does not state what it needs, so every store is a helper: remove
#   those that it does not need: registry
service "model" {
  image      = "example/locust_test:inference"
  command    = ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8989"]
  expose     = ["8989"] # locust uses this port: the Compose file names none
  depends_on = [service.registry]
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "registry" {
  image   = "ghcr.io/mlflow/mlflow:v2.9.2"
  command = ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000"]
  ports   = ["5000:5000"]
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
    users      = 10 # each has its own connection: a single one would reach only one worker
    spawn_rate = "10/s"
    runtime    = "30s"

    driver "locust" {
      file  = "locust/locustfile.py"
      image = image.locust
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
      file  = "locust/locustfile.py"
      image = image.locust
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
# - locust build: plan run --build builds its image, as `docker compose build locust` does
