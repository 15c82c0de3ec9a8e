# Made of compose.yaml by `plan init`. How little does web run on, and how many users does it then
# hold?

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

# DB_PASSWORD looks like a secret, so its value is not written here: give it as PLAN_VAR_DB_PASSWORD
# in the environment.
variable "DB_PASSWORD" {
  type      = string
  sensitive = true
}

variable "LOG_LEVEL" {
  type    = string
  default = "info"
}

# SECRET_KEY looks like a secret, so its value is not written here: give it as PLAN_VAR_SECRET_KEY
# in the environment.
variable "SECRET_KEY" {
  type      = string
  sensitive = true
}

# SENTRY_DSN of web looks like a secret, so its value is not written here: give it as
# PLAN_VAR_SENTRY_DSN in the environment.
variable "SENTRY_DSN" {
  type      = string
  sensitive = true
}

# STRIPE_API_KEY of web looks like a secret, so its value is not written here: give it as
# PLAN_VAR_STRIPE_API_KEY in the environment.
variable "STRIPE_API_KEY" {
  type      = string
  sensitive = true
}

# cache_requirepass of cache looks like a secret, so its value is not written here: give it as
# PLAN_VAR_cache_requirepass in the environment.
variable "cache_requirepass" {
  type      = string
  sensitive = true
}

# What is tested: every trial starts it anew.
# - build: a plan builds nothing: run `docker compose build web` before
# - environment: RELEASE has no value: it is taken from the environment, where it is not set
# - deploy.resources.reservations.memory: a reservation limits nothing
# - restart: unless-stopped is left out: a restart would hide that the container was killed
# - ports: what ${PORT} was when this was written stands here
service "web" {
  image = "registry.example.org:5000/team/recommender:${var.TAG}"
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

  environment = {
    DATABASE_URL   = "postgresql+psycopg2://app:${var.DB_PASSWORD}@db:5432/app"
    DEBUG          = "false"
    FEATURE_X      = "on"
    LOG_LEVEL      = var.LOG_LEVEL
    REDIS_URL      = "redis://cache:6379/0"
    SECRET_KEY     = var.SECRET_KEY
    SENTRY_DSN     = var.SENTRY_DSN
    STRIPE_API_KEY = var.STRIPE_API_KEY
    WORKERS        = "2"
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

# Started once, before the first stage that needs it, and kept until the run ends.
service "cache" {
  image   = "redis:7"
  command = ["redis-server", "--save", "", "--requirepass", var.cache_requirepass]
  expose  = ["6379"]

  limits {
    memory = "128M"
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
# - volumes: recommender-plan-data is made for the run and removed after it: write recommender_data
#   in its place to use what the stack has in it
service "db" {
  image  = "postgres:16-alpine"
  expose = ["5432"] # the usual port of such a service: the Compose file names none
  volumes = [
    "recommender-plan-data:/var/lib/postgresql/data",
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

# Run once, before the first stage that needs it.
service "migrate" {
  image      = "registry.example.org:5000/team/recommender:${var.TAG}"
  command    = ["alembic", "upgrade", "head"]
  depends_on = [service.db]

  ready {
    ended  = true # it is a job: exit code 0 means done
    within = "300s"
  }
}

# What a user does, over and over. A Compose file does not tell: put in what your users ask.
scenario "user" {
  think_time = between("1s", "3s")

  request "first" {
    path = "/healthz"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and answers.
search "memory" {
  service = service.web

  vary "memory" {
    # Around the 1G that the Compose file gives it.
    from = "200M"
    to   = "2G"
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

# Of the Compose file, besides what stands above, this did not come over as it is:
# - adminer: it is a tool with pages for people: web does not need it
