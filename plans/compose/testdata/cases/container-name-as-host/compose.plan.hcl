# Made of compose.yaml by `plan init`. How little does model run on, and how many users does it then
# hold?

plan "container-name-as-host" {
  language = 1
}

# What is tested: every trial starts it anew.
# - depends_on: store is added: STORE_URL leads there
service "model" {
  image      = "example/model:1"
  expose     = ["8000"]
  ports      = ["8000:8000"]
  depends_on = [service.db, service.queue, service.store]

  environment = {
    DB_HOST   = "model-db"
    QUEUE     = "model-queue:6379"
    STORE_URL = "http://model-store:9000"
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "db" {
  image   = "postgres:16"
  aliases = ["model-db"]
  expose  = ["5432"] # the usual port of such a service: the Compose file names none
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "queue" {
  image   = "redis:7"
  aliases = ["model-queue"]
  expose  = ["6379"] # the usual port of such a service: the Compose file names none
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "store" {
  image   = "minio/minio"
  command = ["server", "/data"]
  aliases = ["model-store"]
  expose  = ["9000"] # the usual port of such a service: the Compose file names none
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
