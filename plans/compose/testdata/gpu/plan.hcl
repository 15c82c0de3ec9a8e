# Written by `plan init` from compose.yaml. How little memory does triton need, and how many users
# does it sustain with that?

plan "gpu" {
  language = 1
}

# The service under test: every trial starts a new container.
# - volumes: ./models does not exist here, and a run does not create it: create it before the run,
#   with a model that the stack has there
# - volumes: /cache is left out: it is an anonymous volume, and every trial has a new container
service "triton" {
  image    = "nvcr.io/nvidia/tritonserver:24.05-py3"
  command  = ["tritonserver", "--model-repository=/models", "--http-port=8000"]
  expose   = ["8000", "8001", "8002"] # the first one is the port of the API
  ports    = ["8000:8000", "8001:8001", "8002:8002"]
  volumes  = ["./models:/models:ro"]
  tmpfs    = ["/scratch"]
  shm_size = "1G"
  ulimits  = { memlock = -1, stack = 67108864 }
  gpus     = 1

  limits {
    memory = "16G"
    cpus   = 4
    pids   = 500
  }

  ready {
    path   = "/v2/health/ready"
    within = "210s" # the health check's start_period and retries
  }
}

# What each user repeats. A Compose file has no requests: replace these with those of your users.
scenario "user" {
  guessed    = true # remove this line once the requests are those of your users
  think_time = between("1s", "3s")

  request "first" {
    path = "/v2/health/ready"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.triton

  vary "memory" {
    # Around the 16G of the Compose file.
    from = "1G"
    to   = "16G"
    step = "1G"
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
  service = service.triton
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
# - k6: left out: it is a load generator, and the plan has its own load for triton
