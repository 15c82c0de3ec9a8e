# Written by `plan init` from compose.yaml. How little memory does api need, and how many users does
# it sustain with that?

plan "workshop-no-locustfile" {
  language = 1
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
    # 500G is more than this machine has (24G): did you mean 500M?
    from = "500M"
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

# Further differences from the Compose file:
# - locust: it is Locust, but its locustfile.py was not found: the plan has a scenario instead
