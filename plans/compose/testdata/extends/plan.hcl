# Made of compose.yaml by `plan init`. How little does api run on, and how many users does it then
# hold?

plan "extends" {
  language = 1
}

# What is tested: every trial starts it anew.
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
    tcp = 3000 # the image's health check is switched off in the Compose file
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "storage" {
  image   = "minio/minio"
  command = ["server", "/data"]
  expose  = ["9000"] # the usual port of such a service: the Compose file names none
  volumes = ["shop-blobs:/data"]
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
  service = service.api

  vary "memory" {
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
