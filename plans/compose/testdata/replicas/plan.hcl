# Written by `plan init` from compose.yaml. How little memory does model need, and how many users
# does it sustain with that?

plan "replicas" {
  language = 1
}

image "model" {
  source = "team/model:2"
  pull   = "always"
}

network "back" {
  name = "replicas-plan-back" # created for the run and removed after it
}

network "front" {
  name = "replicas-plan-front" # created for the run and removed after it
}

# The service under test: every trial starts a new container.
# - depends_on: the Compose file does not state what it needs, so every store is a helper: remove
#   those that it does not need: queue
# - ports: only one replica can have port 8000 of the host, so the host picks a port for each
# - ports: only one replica can have port 9464 of the host, so the host picks a port for each
# - deploy.mode: left out: containers run on one engine, each with its limits
# - deploy.restart_policy: left out: a restart would hide that the container was killed
# - deploy.update_config: left out: containers run on one engine, each with its limits
# - labels: left out: a plan sets its own labels only
service "model" {
  image      = image.model
  networks   = [network.back, network.front]
  aliases    = ["predict"]
  expose     = ["8000", "9464"] # the first one is the port of the API
  ports      = ["8000", "127.0.0.1::9464"]
  depends_on = [service.queue]
  replicas   = 3

  limits {
    memory = "512M"
    cpus   = 0.5
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "queue" {
  image    = "rabbitmq:3-management"
  networks = [network.back]
  expose   = ["5672"] # the usual port of such a service: the Compose file names none
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
  service = service.model

  vary "memory" {
    # Around the 512M of the Compose file.
    from = "50M"
    to   = "1000M"
    step = "50M"
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
  service = service.model
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
# - traefik: left out: it is a proxy, and model does not depend on it
# - networks.back: driver_opts, internal: the run creates a plain bridge network
