# Made of compose.yaml by `plan init`. How little does model run on, and how many users does it then
# hold?

plan "guessed-helpers" {
  language = 1
}

# POSTGRES_PASSWORD of postgres looks like a secret, so its value is not written here: give it as
# PLAN_VAR_POSTGRES_PASSWORD in the environment.
variable "POSTGRES_PASSWORD" {
  type      = string
  sensitive = true
}

# minio-setup_secret of minio-setup looks like a secret, so its value is not written here: give it
# as PLAN_VAR_minio_setup_secret in the environment.
variable "minio_setup_secret" {
  type      = string
  sensitive = true
}

# What is tested: every trial starts it anew.
# - depends_on: nothing says what it needs, so what keeps data is started: take out what it does not
#   need: minio, postgres
# - depends_on: minio-setup is added: it is a job that prepares minio
service "model" {
  image      = "example/model:1"
  expose     = ["8000"]
  ports      = ["8000:8000"]
  depends_on = [service.minio, service.postgres, service.minio-setup]
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "minio" {
  image   = "minio/minio"
  command = ["server", "/data"]
  expose  = ["9000"] # the usual port of such a service: the Compose file names none
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "postgres" {
  image  = "postgres:16"
  expose = ["5432"] # the usual port of such a service: the Compose file names none

  environment = {
    POSTGRES_PASSWORD = var.POSTGRES_PASSWORD
  }
}

# Run once, before the first stage that needs it.
service "minio-setup" {
  image = "minio/mc"
  entrypoint = [
    "sh",
    "-c",
    "mc alias set m http://minio:9000 u ${var.minio_setup_secret} && mc mb m/models",
  ]
  depends_on = [service.minio]

  ready {
    ended  = true # it is a job: exit code 0 means done
    within = "300s"
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

# Of the Compose file, besides what stands above, this did not come over as it is:
# - airflow-init: it is a job, and nothing that comes over waits for it: run it yourself before, if
#   model needs what it makes
# - airflow-scheduler: it is a tool with pages for people: model does not need it
