# Written by `plan init` from compose.yaml. How little memory does api need, and how many users does
# it sustain with that?

plan "profiles" {
  language = 1
}

# SHOP_TOKEN of loadtest looks like a secret, so its value is not written here: it is read from the
# Compose file.
variable "SHOP_TOKEN" {
  type      = string
  sensitive = true
  default   = env("loadtest.SHOP_TOKEN", "./compose.yaml")
}

network "default" {
  name = "profiles-plan-default" # created for the run and removed after it
}

network "shared" {
  name     = "proyecto-2_default"
  external = true # must exist: the run neither creates nor removes it
}

# FEAST_URL of api leads to this endpoint: it must already run.
preflight "feast" {
  network = network.shared
  tcp     = "feast:6566"
}

# MLFLOW_TRACKING_URI of api leads to this endpoint: it must already run.
preflight "mlflow" {
  network = network.shared
  tcp     = "mlflow:5000"
}

# The service under test: every trial starts a new container.
# - depends_on: the Compose file does not state what it needs, so every store is a helper: remove
#   those that it does not need: db
service "api" {
  image      = "acme/api"
  networks   = [network.default, network.shared]
  expose     = ["80"]
  ports      = ["8000:80"]
  depends_on = [service.db]

  environment = {
    DOCS                = "https://example.org/docs"
    FEAST_URL           = "http://feast:6566/get"
    MLFLOW_TRACKING_URI = "http://mlflow:5000"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "db" {
  image    = "postgres"
  networks = [network.default]
  expose   = ["5432"] # the usual port of such a service: the Compose file names none

  environment = {
    POSTGRES_HOST_AUTH_METHOD = "trust"
  }
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
    users      = 10 # each has its own connection: a single one would reach only one worker
    spawn_rate = "10/s"
    runtime    = "30s"

    driver "locust" {
      file  = "load/tests/shop.py"
      image = "locustio/locust:2.46.3"
      environment = {
        SHOP_TOKEN = var.SHOP_TOKEN
      }
    }
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
    runtime = "60s"

    driver "locust" {
      file  = "load/tests/shop.py"
      image = "locustio/locust:2.46.3"
      environment = {
        SHOP_TOKEN = var.SHOP_TOKEN
      }
    }
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

# The load that loadtest sets itself.
check "locust" {
  service = service.api

  set {
    memory = search.memory.recommended.memory
  }

  load {
    users      = 100
    spawn_rate = "10/s"
    runtime    = "60s"

    driver "locust" {
      file  = "load/tests/shop.py"
      image = "locustio/locust:2.46.3"
      environment = {
        SHOP_TOKEN = var.SHOP_TOKEN
      }
    }
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

# Further differences from the Compose file:
# - loadtest: it is Locust, the driver of the stages: host, users, spawn rate and runtime come from
#   the plan
# - loadtest: check.locust has the load that it sets itself: 100 users
# - debug: left out: its profile is not active: debug
# - loadtest-worker: left out: its profile is not active: load
