# Written by `plan init` from docker-compose.yml. How little memory does inference need, and how
# many users does it sustain with that?

plan "mlflow-stack" {
  language = 1
}

# AWS_ACCESS_KEY_ID of inference looks like a secret, so its value is not written here: it is read
# from the Compose file.
variable "AWS_ACCESS_KEY_ID" {
  type      = string
  sensitive = true
  default   = env("inference.AWS_ACCESS_KEY_ID", "./docker-compose.yml")
}

# AWS_SECRET_ACCESS_KEY of inference looks like a secret, so its value is not written here: it is
# read from the Compose file.
variable "AWS_SECRET_ACCESS_KEY" {
  type      = string
  sensitive = true
  default   = env("inference.AWS_SECRET_ACCESS_KEY", "./docker-compose.yml")
}

# MINIO_ROOT_PASSWORD of minio looks like a secret, so its value is not written here: it is read
# from the Compose file.
variable "MINIO_ROOT_PASSWORD" {
  type      = string
  sensitive = true
  default   = env("minio.MINIO_ROOT_PASSWORD", "./docker-compose.yml")
}

# POSTGRES_PASSWORD of postgres looks like a secret, so its value is not written here: it is read
# from the Compose file.
variable "POSTGRES_PASSWORD" {
  type      = string
  sensitive = true
  default   = env("postgres.POSTGRES_PASSWORD", "./docker-compose.yml")
}

image "inference" {
  source = "mlflow-stack-inference"
  pull   = "never" # it is built locally

  build {
    context = "./inference"
  }
}

image "mlflow" {
  source = "mlflow-stack-mlflow"
  pull   = "never" # it is built locally

  build {
    context = "./mlflow"
  }
}

# The service under test: every trial starts a new container.
# - build: ./inference does not exist, so its image cannot be built: create it, or correct the
#   Compose file
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

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
# - volumes: mlflow-stack_artifacts: the run uses a copy, of at most 2 GiB, and never writes to it;
#   if the engine does not have it, it is empty, without its buckets
service "minio" {
  image   = "minio/minio:RELEASE.2025-01-20T14-49-07Z"
  command = ["server", "/data", "--console-address", ":9001"]
  ports   = ["9000:9000", "9001:9001"]
  volumes = ["mlflow-stack_artifacts:/data"]

  environment = {
    MINIO_ROOT_PASSWORD = var.MINIO_ROOT_PASSWORD
    MINIO_ROOT_USER     = "minio"
  }

  ready {
    path   = "/minio/health/live"
    within = "90s" # the health check's start_period and retries
  }
}

# Runs once, before the first stage that needs it.
service "create-bucket" {
  image = "minio/mc"
  entrypoint = [
    "/bin/sh",
    "-c",
    " mc alias set s3 http://minio:9000 minio ${var.AWS_SECRET_ACCESS_KEY}; mc mb --ignore-existing s3/mlflow; exit 0;",
  ]
  depends_on = [service.minio]

  ready {
    ended  = true # a job: exit code 0 means done
    within = "300s"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
# - volumes: mlflow-stack_pg: the run uses a copy, of at most 2 GiB, and never writes to it; if the
#   engine does not have it, it is empty, without its databases
service "postgres" {
  image   = "postgres:15"
  expose  = ["5432"] # the usual port of such a service: the Compose file names none
  volumes = ["mlflow-stack_pg:/var/lib/postgresql/data"]

  environment = {
    POSTGRES_DB       = "mlflow"
    POSTGRES_PASSWORD = var.POSTGRES_PASSWORD
    POSTGRES_USER     = "mlflow"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
# - depends_on: minio is added: MLFLOW_S3_ENDPOINT_URL leads there
# - build: ./mlflow does not exist, so its image cannot be built: create it, or correct the Compose
#   file
service "mlflow" {
  image = image.mlflow
  command = [
    "mlflow",
    "server",
    "--backend-store-uri",
    "postgresql://mlflow:${var.POSTGRES_PASSWORD}@postgres/mlflow",
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

# What each user repeats. A Compose file has no requests: replace these with those of your users.
scenario "user" {
  guessed    = true # remove this line once the requests are those of your users
  think_time = between("1s", "3s")

  request "first" {
    path = "/docs"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.inference

  vary "memory" {
    # Around the 2G of the Compose file.
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

# Further differences from the Compose file:
# - jupyter: left out: its profile is not active: notebook
