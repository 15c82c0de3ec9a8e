# Written by `plan init` from compose.yaml. How little memory does web need, and how many users does
# it sustain with that?

plan "recommender" {
  language = 1
}

variable "TAG" {
  type    = string
  default = "1.4.2"
}

variable "PORT" {
  type    = string
  default = "8080"
}

variable "WORKERS" {
  type    = string
  default = "2"
}

# DB_PASSWORD looks like a secret, so the plan does not contain its value: it comes from the
# environment or from ./.env.
variable "DB_PASSWORD" {
  type      = string
  sensitive = true
  default   = env("DB_PASSWORD", "./.env")
}

variable "LOG_LEVEL" {
  type    = string
  default = "info"
}

# SECRET_KEY looks like a secret, so the plan does not contain its value: it comes from the
# environment or from ./.env.
variable "SECRET_KEY" {
  type      = string
  sensitive = true
  default   = env("SECRET_KEY", "./.env")
}

# cache_requirepass of cache looks like a secret, so the plan does not contain its value: set
# PLAN_VAR_cache_requirepass in the environment.
variable "cache_requirepass" {
  type      = string
  sensitive = true
}

image "web" {
  source = "registry.example.org:5000/team/recommender:${var.TAG}"

  build {
    context = "."
  }
}

# The service under test: every trial starts a new container.
# - build: ./Dockerfile does not exist, so its image cannot be built: create it, or correct the
#   Compose file
# - restart: unless-stopped is left out: a restart would hide that the container was killed
# - environment: RELEASE has no value: the environment would set it, and does not
# - deploy.resources.reservations.memory: left out: a reservation is not a limit
# - ports: the plan has the value that ${PORT} had when it was written
service "web" {
  image = image.web
  command = [
    "gunicorn",
    "app:app",
    "-k",
    "uvicorn.workers.UvicornWorker",
    "--bind",
    "0.0.0.0:${var.PORT}",
    "--workers",
    var.WORKERS,
  ]
  expose     = ["8080"]
  ports      = ["8080:8080"]
  depends_on = [service.cache, service.db, service.migrate]
  env_file   = ["./web.env"]

  environment = {
    DATABASE_URL = "postgresql+psycopg2://app:${var.DB_PASSWORD}@db:5432/app"
    DEBUG        = "false"
    LOG_LEVEL    = var.LOG_LEVEL
    REDIS_URL    = "redis://cache:6379/0"
    SECRET_KEY   = var.SECRET_KEY
    WORKERS      = "2"
  }

  limits {
    memory = "1G"
    cpus   = 1.5
  }

  ready {
    path   = "/healthz"
    within = "100s" # the health check's start_period and retries
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "cache" {
  image   = "redis:7"
  command = ["redis-server", "--save", "", "--requirepass", var.cache_requirepass]
  expose  = ["6379"]

  limits {
    memory = "128M"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
# - volumes: recommender_data: the run uses a copy, of at most 2 GiB, and never writes to it; if the
#   engine does not have it, it is empty, without its databases
# - volumes: ./init.sql does not exist here, and a run does not create it: create it before the run,
#   with data that the stack has there
service "db" {
  image  = "postgres:16-alpine"
  expose = ["5432"] # the usual port of such a service: the Compose file names none
  volumes = [
    "recommender_data:/var/lib/postgresql/data",
    "./init.sql:/docker-entrypoint-initdb.d/init.sql:ro",
  ]

  environment = {
    POSTGRES_DB       = "app"
    POSTGRES_PASSWORD = var.DB_PASSWORD
    POSTGRES_USER     = "app"
  }

  ready {
    command = ["/bin/sh", "-c", "pg_isready -U app"]
  }
}

# Runs once, before the first stage that needs it.
service "migrate" {
  image      = "registry.example.org:5000/team/recommender:${var.TAG}"
  command    = ["alembic", "upgrade", "head"]
  depends_on = [service.db]

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
    path = "/healthz"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.web

  vary "memory" {
    # Around the 1G of the Compose file.
    from = "100M"
    to   = "2000M"
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
  service = service.web
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
# - adminer: left out: it is a tool with a web UI, and web does not depend on it
