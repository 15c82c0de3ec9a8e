# Written by `plan init` from compose.yaml. How little memory does api need, and how many users does
# it sustain with that?

plan "workshop" {
  language = 1
}

image "locust" {
  source = "workshop-locust"
  pull   = "never" # it is built locally

  build {
    context = "./locust"
  }
}

network "proyecto-2_default" {
  name     = "proyecto-2_default"
  external = true # must exist: the run neither creates nor removes it
}

# The service under test: every trial starts a new container.
# - memory: 500G is more than this machine has (24G): did you mean 500M? The search starts at 500M.
service "api" {
  image    = "jrpenagu/fast-api-mlflow:latest"
  command  = ["uv", "run", "uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
  networks = [network.proyecto-2_default]
  aliases  = ["api-inferencia"]
  expose   = ["8000"]
  ports    = ["8000:8000"]
  restart  = "no"

  limits {
    memory = "500M" # 500G in the Compose file
    cpus   = 0.5
  }
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.api

  vary "memory" {
    # 500G is more than this machine has (24G): did you mean 500M?
    from = "500M"
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
  service = service.api
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
