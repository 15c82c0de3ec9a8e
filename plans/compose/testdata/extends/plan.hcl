# Written by `plan init` from compose.yaml. How little memory does api need, and how many users does
# it sustain with that?

plan "extends" {
  language = 1
}

# The service under test: every trial starts a new container.
service "api" {
  image      = "shop/api:3"
  command    = ["node", "server.js"]
  expose     = ["3000"]
  ports      = ["3000"]
  depends_on = [service.storage]

  environment = {
    GREETING = "it's \"$5\" and $${HOME} at 100%%{sure}"
    MODE     = "test"
  }

  limits {
    cpus = 1
  }

  ready {
    tcp = 3000 # the Compose file disables the image's health check
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
# - volumes: shop-blobs: the run uses a copy, of at most 2 GiB, and never writes to it; if the
#   engine does not have it, it is empty, without its buckets
service "storage" {
  image   = "minio/minio"
  command = ["server", "/data"]
  expose  = ["9000"] # the usual port of such a service: the Compose file names none
  volumes = ["shop-blobs:/data"]
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
  service = service.api

  vary "memory" {
    from = "100M"
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
