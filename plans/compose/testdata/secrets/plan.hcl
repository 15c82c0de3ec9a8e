# Written by `plan init` from compose.yaml. How little memory does api need, and how many users does
# it sustain with that?

plan "secrets" {
  language = 1
}

# api_secret of api looks like a secret, so the plan does not contain its value: set
# PLAN_VAR_api_secret in the environment.
variable "api_secret" {
  type      = string
  sensitive = true
}

# JDBC of api looks like a secret, so its value is not written here: it is read from the Compose
# file.
variable "JDBC" {
  type      = string
  sensitive = true
  default   = env("api.JDBC", "./compose.yaml")
}

# TOKEN of api looks like a secret, so its value is not written here: it is read from the Compose
# file.
variable "TOKEN" {
  type      = string
  sensitive = true
  default   = env("api.TOKEN", "./compose.yaml")
}

# MYSQL_ROOT_PASSWORD of db looks like a secret, so its value is not written here: it is read from
# the Compose file.
variable "MYSQL_ROOT_PASSWORD" {
  type      = string
  sensitive = true
  default   = env("db.MYSQL_ROOT_PASSWORD", "./compose.yaml")
}

# TOKEN of db looks like a secret, so its value is not written here: it is read from the Compose
# file.
variable "db_TOKEN" {
  type      = string
  sensitive = true
  default   = env("db.TOKEN", "./compose.yaml")
}

network "bank" {
  name     = "bank_net"
  external = true # must exist: the run neither creates nor removes it
}

# The service under test: every trial starts a new container.
# - depends_on: db is added: JDBC leads there
# - expose: 53/udp is left out: a plan has only TCP ports
service "api" {
  image      = "bank/api:1.0"
  entrypoint = ["/bin/sh", "-c", "export OTHER_TOKEN=${var.api_secret} && exec app"]
  networks   = [network.bank]
  expose     = ["8443", "9000", "9001", "9002"] # the first one is the port of the API
  volumes    = ["./db_password.txt:/run/secrets/db_password:ro", "./app.yaml:/etc/app.yaml:ro"]
  depends_on = [service.db]

  environment = {
    ACCESS_TOKEN_EXPIRE_MINUTES = "30"
    DB_PASSWORD_FILE            = "/run/secrets/db_password"
    JDBC                        = var.JDBC
    TOKEN                       = var.TOKEN
    TOKENIZERS_PARALLELISM      = "false"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "db" {
  image    = "mysql:8"
  networks = [network.bank]
  expose   = ["3306"] # the usual port of such a service: the Compose file names none

  environment = {
    MYSQL_ROOT_PASSWORD = var.MYSQL_ROOT_PASSWORD
    TOKEN               = var.db_TOKEN
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
