# Made of compose.yaml by `plan init`. How little does api run on, and how many users does it then
# hold?

plan "workshop-no-locustfile" {
  language = 1
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
    # 500G is more than this machine has (24G): did you mean 500M?
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

# Of the Compose file, besides what stands above, this did not come over as it is:
# - locust: it is Locust, but its locustfile.py was not found: the scenario of the plan takes its
#   place
