# Made of compose.yaml by `plan init`. How little does triton run on, and how many users does it
# then hold?

plan "gpu" {
  language = 1
}

# What is tested: every trial starts it anew.
# - volumes: /cache is left out: it is an anonymous volume, and every container starts anew
service "triton" {
  image    = "nvcr.io/nvidia/tritonserver:24.05-py3"
  command  = ["tritonserver", "--model-repository=/models", "--http-port=8000"]
  expose   = ["8000", "8001", "8002"] # the first one is the API's
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

# What a user does, over and over. A Compose file does not tell: put in what your users ask.
scenario "user" {
  think_time = between("1s", "3s")

  request "first" {
    path = "/v2/health/ready"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and answers.
search "memory" {
  service = service.triton

  vary "memory" {
    # Around the 16G that the Compose file gives it.
    from = "4G"
    to   = "16G"
    step = "1G"
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

# Of the Compose file, besides what stands above, this did not come over as it is:
# - k6: it is a load generator, and the plan puts its own load on triton
