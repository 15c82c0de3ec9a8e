# Written by `plan init` from compose.yaml. How little memory does model need, and how many users
# does it sustain with that?

plan "locust-file-apart" {
  language = 1
}

network "shop_default" {
  name     = "shop_default"
  external = true # must exist: the run neither creates nor removes it
}

# The service under test: every trial starts a new container.
service "model" {
  image    = "example/model:1"
  networks = [network.shop_default]
  expose   = ["8000"] # locust uses this port: the Compose file names none

  limits {
    memory = "512M"
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
# - testdata/cases/locust-file-apart/compose.locust.yaml asks model: to load it with that, name both
#   files: plan init --from testdata/cases/locust-file-apart/compose.yaml --from
#   testdata/cases/locust-file-apart/compose.locust.yaml
