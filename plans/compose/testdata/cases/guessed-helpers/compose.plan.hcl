# Written by `plan init` from compose.yaml. How little memory does model need, and how many users
# does it sustain with that?

plan "guessed-helpers" {
  language = 1
}

# POSTGRES_PASSWORD of postgres looks like a secret, so its value is not written here: it is read
# from the Compose file.
variable "POSTGRES_PASSWORD" {
  type      = string
  sensitive = true
  default   = env("postgres.POSTGRES_PASSWORD", "./compose.yaml")
}

# minio-setup_secret of minio-setup looks like a secret, so the plan does not contain its value: set
# PLAN_VAR_minio_setup_secret in the environment.
variable "minio_setup_secret" {
  type      = string
  sensitive = true
}

# The service under test: every trial starts a new container.
# - depends_on: the Compose file does not state what it needs, so every store is a helper: remove
#   those that it does not need: minio, postgres
# - depends_on: minio-setup is added: it is a job that prepares minio
service "model" {
  image      = "example/model:1"
  expose     = ["8000"]
  ports      = ["8000:8000"]
  depends_on = [service.minio, service.postgres, service.minio-setup]
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "minio" {
  image   = "minio/minio"
  command = ["server", "/data"]
  expose  = ["9000"] # the usual port of such a service: the Compose file names none
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "postgres" {
  image  = "postgres:16"
  expose = ["5432"] # the usual port of such a service: the Compose file names none

  environment = {
    POSTGRES_PASSWORD = var.POSTGRES_PASSWORD
  }
}

# Runs once, before the first stage that needs it.
service "minio-setup" {
  image = "minio/mc"
  entrypoint = [
    "sh",
    "-c",
    "mc alias set m http://minio:9000 u ${var.minio_setup_secret} && mc mb m/models",
  ]
  depends_on = [service.minio]

  ready {
    ended  = true # a job: exit code 0 means done
    within = "300s"
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
# - airflow-init: left out: it is a job, and no service of the plan waits for it; if model needs its
#   result, run it first
# - airflow-scheduler: left out: it is a tool with a web UI, and model does not depend on it
