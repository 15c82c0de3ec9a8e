# Made of compose.yaml by `plan init`. How little does api run on, and how many users does it then
# hold?

plan "workshop" {
  language = 1
}

image "locust" {
  source = "workshop-locust"
  pull   = "never" # it is built, and in no registry
}

network "proyecto-2_default" {
  name     = "proyecto-2_default"
  external = true # must exist: it is never made and never removed
}

# What is tested: every trial starts it anew.
# - memory: 500G is more than this machine has (24G): did you mean 500M? The search starts there.
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

# The least memory at which it starts and answers.
search "memory" {
  service = service.api

  vary "memory" {
    # 500G is more than this machine has (24G): did you mean 500M?
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

# Of the Compose file, besides what stands above, this did not come over as it is:
# - locust: it is Locust, and drives the load of the stages: its address, users, spawn rate and
#   runtime come from the plan
# - locust build: a plan builds nothing: run `docker compose build locust` before, which makes
#   workshop-locust (docker-compose 1 makes workshop_locust)
