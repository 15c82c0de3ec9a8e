# Made of compose.yaml by `plan init`. How little does api run on, and how many users does it then
# hold?

plan "secrets" {
  language = 1
}

# api_secret of api looks like a secret, so its value is not written here: give it as
# PLAN_VAR_api_secret in the environment.
variable "api_secret" {
  type      = string
  sensitive = true
}

# JDBC of api looks like a secret, so its value is not written here: give it as PLAN_VAR_JDBC in the
# environment.
variable "JDBC" {
  type      = string
  sensitive = true
}

# TOKEN of api looks like a secret, so its value is not written here: give it as PLAN_VAR_TOKEN in
# the environment.
variable "TOKEN" {
  type      = string
  sensitive = true
}

network "bank" {
  name     = "bank_net"
  external = true # must exist: it is never made and never removed
}

# What is tested: every trial starts it anew.
# - expose: 53/udp is left out: only TCP is asked
# - configs: mount the file by volumes, or make it part of the image
# - secrets: mount the file by volumes, or make it part of the image
service "api" {
  image      = "bank/api:1.0"
  entrypoint = ["/bin/sh", "-c", "export OTHER_TOKEN=${var.api_secret} && exec app"]
  networks   = [network.bank]
  expose     = ["8443", "9000", "9001", "9002"] # the first one is the API's

  environment = {
    ACCESS_TOKEN_EXPIRE_MINUTES = "30"
    DB_PASSWORD_FILE            = "/run/secrets/db_password"
    JDBC                        = var.JDBC
    TOKEN                       = var.TOKEN
    TOKENIZERS_PARALLELISM      = "false"
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

# Of the Compose file, besides what stands above, this did not come over as it is:
# - db: it is taken for running on bank_net already, which the plan does not make
