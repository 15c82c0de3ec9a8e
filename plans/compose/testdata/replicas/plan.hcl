# Made of compose.yaml by `plan init`. How little does model run on, and how many users does it then
# hold?

plan "replicas" {
  language = 1
}

image "model" {
  source = "team/model:2"
  pull   = "always"
}

network "back" {
  name = "replicas-plan-back" # made for the run and removed after it
}

network "front" {
  name = "replicas-plan-front" # made for the run and removed after it
}

# What is tested: every trial starts it anew.
# - depends_on: nothing says what it needs, so what keeps data is started: take out what it does not
#   need: queue
# - ports: port 8000 of the host can serve one replica only, so the host chooses a port for each
# - ports: port 9464 of the host can serve one replica only, so the host chooses a port for each
# - deploy.mode: containers run on one engine, each at its limits
# - deploy.restart_policy: a restart would hide that the container was killed
# - deploy.update_config: containers run on one engine, each at its limits
# - labels: a plan gives containers no labels but its own
service "model" {
  image      = image.model
  networks   = [network.back, network.front]
  aliases    = ["predict"]
  expose     = ["8000", "9464"] # the first one is the API's
  ports      = ["8000", "127.0.0.1::9464"]
  depends_on = [service.queue]
  replicas   = 3

  limits {
    memory = "512M"
    cpus   = 0.5
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "queue" {
  image    = "rabbitmq:3-management"
  networks = [network.back]
  expose   = ["5672"] # the usual port of such a service: the Compose file names none
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
  service = service.model

  vary "memory" {
    # Around the 512M that the Compose file gives it.
    from = "100M"
    to   = "1G"
    step = "50M"
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

# Of the Compose file, besides what stands above, this did not come over as it is:
# - traefik: it is a proxy: model does not need it
# - networks.back: driver_opts, internal: the run makes a plain bridge network
