# Made of compose.yml by `plan init`. How little does predictor run on, and how many users does it
# then hold?

plan "host-mode" {
  language = 1
}

# What is tested: every trial starts it anew.
# - network_mode: "host" is left out: containers find each other by name on a network, and the run
#   makes one
# - memory: 300b is less than any container runs on: did you mean 300M? The search starts there.
# - cap_add: a plan gives containers no rights beyond Docker's own
# - privileged: a plan gives containers no rights beyond Docker's own
service "predictor" {
  image       = "predictor:latest"
  command     = ["python", "-m", "predictor", "--port", "9090"]
  extra_hosts = { "db.internal" = "10.0.0.5" }
  expose      = ["9090"] # the Compose file names no port: correct it if this is another

  environment = {
    PYTHONUNBUFFERED = "1"
  }

  limits {
    memory = "300M" # 300b in the Compose file
    cpus   = 0.5
  }
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
  service = service.predictor

  vary "memory" {
    # 300b is less than any container runs on: did you mean 300M?
    from = "300M"
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
  service = service.predictor
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
