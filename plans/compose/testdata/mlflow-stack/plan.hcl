# Made of docker-compose.yml by `plan init`. How little does inference run on, and how many users
# does it then hold?

plan "mlflow-stack" {
  language = 1
}

# AWS_ACCESS_KEY_ID of inference looks like a secret, so its value is not written here: give it as
# PLAN_VAR_AWS_ACCESS_KEY_ID in the environment.
variable "AWS_ACCESS_KEY_ID" {
  type      = string
  sensitive = true
}

# AWS_SECRET_ACCESS_KEY of inference looks like a secret, so its value is not written here: give it
# as PLAN_VAR_AWS_SECRET_ACCESS_KEY in the environment.
variable "AWS_SECRET_ACCESS_KEY" {
  type      = string
  sensitive = true
}

# MINIO_ROOT_PASSWORD of minio looks like a secret, so its value is not written here: give it as
# PLAN_VAR_MINIO_ROOT_PASSWORD in the environment.
variable "MINIO_ROOT_PASSWORD" {
  type      = string
  sensitive = true
}

# POSTGRES_PASSWORD of postgres looks like a secret, so its value is not written here: give it as
# PLAN_VAR_POSTGRES_PASSWORD in the environment.
variable "POSTGRES_PASSWORD" {
  type      = string
  sensitive = true
}

# mlflow_backend-store-uri of mlflow looks like a secret, so its value is not written here: give it
# as PLAN_VAR_mlflow_backend_store_uri in the environment.
variable "mlflow_backend_store_uri" {
  type      = string
  sensitive = true
}

image "inference" {
  source = "mlflow-stack-inference"
  pull   = "never" # it is built, and in no registry
}

image "mlflow" {
  source = "mlflow-stack-mlflow"
  pull   = "never" # it is built, and in no registry
}

# What is tested: every trial starts it anew.
# - build: a plan builds nothing: run `docker compose build inference` before, which makes
#   mlflow-stack-inference (docker-compose 1 makes mlflow-stack_inference)
service "inference" {
  image      = image.inference
  command    = ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
  aliases    = ["inference-api"]
  expose     = ["8000"]
  ports      = ["8000:8000"]
  depends_on = [service.minio, service.mlflow]

  environment = {
    AWS_ACCESS_KEY_ID      = var.AWS_ACCESS_KEY_ID
    AWS_SECRET_ACCESS_KEY  = var.AWS_SECRET_ACCESS_KEY
    MLFLOW_S3_ENDPOINT_URL = "http://minio:9000"
    MLFLOW_TRACKING_URI    = "http://mlflow:5000"
    MODEL_NAME             = "iris"
  }

  limits {
    memory = "2G"
    cpus   = 1
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
# - volumes: mlflow-stack-plan-artifacts is made for the run and removed after it: write
#   mlflow-stack_artifacts in its place to use what the stack has in it
service "minio" {
  image   = "minio/minio:RELEASE.2025-01-20T14-49-07Z"
  command = ["server", "/data", "--console-address", ":9001"]
  ports   = ["9000:9000", "9001:9001"]
  volumes = ["mlflow-stack-plan-artifacts:/data"]

  environment = {
    MINIO_ROOT_PASSWORD = var.MINIO_ROOT_PASSWORD
    MINIO_ROOT_USER     = "minio"
  }

  ready {
    path   = "/minio/health/live"
    within = "90s" # the health check's start_period and retries
  }
}

# Run once, before the first stage that needs it.
service "create-bucket" {
  image = "minio/mc"
  entrypoint = [
    "/bin/sh",
    "-c",
    " mc alias set s3 http://minio:9000 ${var.AWS_ACCESS_KEY_ID} ${var.AWS_SECRET_ACCESS_KEY}; mc mb --ignore-existing s3/mlflow; exit 0;",
  ]
  depends_on = [service.minio]

  ready {
    ended  = true # it is a job: exit code 0 means done
    within = "300s"
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
# - volumes: mlflow-stack-plan-pg is made for the run and removed after it: write mlflow-stack_pg in
#   its place to use what the stack has in it
service "postgres" {
  image   = "postgres:15"
  expose  = ["5432"] # the usual port of such a service: the Compose file names none
  volumes = ["mlflow-stack-plan-pg:/var/lib/postgresql/data"]

  environment = {
    POSTGRES_DB       = "mlflow"
    POSTGRES_PASSWORD = var.POSTGRES_PASSWORD
    POSTGRES_USER     = "mlflow"
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
# - depends_on: minio is added: MLFLOW_S3_ENDPOINT_URL leads there
# - build: a plan builds nothing: run `docker compose build mlflow` before, which makes
#   mlflow-stack-mlflow (docker-compose 1 makes mlflow-stack_mlflow)
service "mlflow" {
  image = image.mlflow
  command = [
    "mlflow",
    "server",
    "--backend-store-uri",
    var.mlflow_backend_store_uri,
    "--default-artifact-root",
    "s3://mlflow/",
    "--host",
    "0.0.0.0",
    "--port",
    "5000",
  ]
  ports      = ["5000:5000"]
  depends_on = [service.create-bucket, service.postgres, service.minio]

  environment = {
    AWS_ACCESS_KEY_ID      = var.AWS_ACCESS_KEY_ID
    AWS_SECRET_ACCESS_KEY  = var.AWS_SECRET_ACCESS_KEY
    MLFLOW_S3_ENDPOINT_URL = "http://minio:9000"
  }
}

# What a user does, over and over. A Compose file does not tell: put in what your users ask.
scenario "user" {
  think_time = between("1s", "3s")

  request "first" {
    path = "/docs"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and answers.
search "memory" {
  service = service.inference

  vary "memory" {
    # Around the 2G that the Compose file gives it.
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
  service = service.inference
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
# - jupyter: its profile is not active: notebook
