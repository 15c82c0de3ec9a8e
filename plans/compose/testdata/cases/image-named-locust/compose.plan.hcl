# Made of compose.yaml by `plan init`. How little does model run on, and how many users does it then
# hold?

plan "image-named-locust" {
  language = 1
}

image "locust" {
  source = "image-named-locust-locust"
  pull   = "never" # it is built, and in no registry
}

# What is tested: every trial starts it anew.
# - depends_on: nothing says what it needs, so what keeps data is started: take out what it does not
#   need: registry
service "model" {
  image      = "example/locust_test:inference"
  command    = ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8989"]
  expose     = ["8989", "8000"] # locust asks this one: the Compose file names none
  depends_on = [service.registry]
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "registry" {
  image   = "ghcr.io/mlflow/mlflow:v2.9.2"
  command = ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000"]
  ports   = ["5000:5000"]
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
      file  = "locust/locustfile.py"
      image = image.locust
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
      file  = "locust/locustfile.py"
      image = image.locust
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
# - locust build: a plan builds nothing: run `docker compose build locust` before, which makes
#   image-named-locust-locust (docker-compose 1 makes image-named-locust_locust)
