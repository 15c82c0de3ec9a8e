# Written by `plan init` from compose.yml. How little memory does predictor need, and how many users
# does it sustain with that?

plan "host-mode" {
  language = 1
}

# The service under test: every trial starts a new container.
# - network_mode: "host" is left out: containers find each other by name on the network of the run
# - memory: 300b is too little for any container: did you mean 300M? The search starts at 300M.
# - cap_add: left out: containers have the default capabilities of Docker
# - privileged: left out: containers have the default capabilities of Docker
service "predictor" {
  image       = "predictor:latest"
  command     = ["python", "-m", "predictor", "--port", "9090"]
  extra_hosts = { "db.internal" = "10.0.0.5" }
  expose      = ["9090"] # the Compose file names no port: correct this one if it is wrong

  environment = {
    PYTHONUNBUFFERED = "1"
  }

  limits {
    memory = "300M" # 300b in the Compose file
    cpus   = 0.5
  }
}

# What each user repeats. A Compose file has no requests: replace these with those of your users.
scenario "user" {
  guessed    = true # remove this line once the requests are those of your users
  think_time = between("1s", "3s")

  request "first" {
    path = "/"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.predictor

  vary "memory" {
    # 300b is too little for any container: did you mean 300M?
    from = "300M"
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
