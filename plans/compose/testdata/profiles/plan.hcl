# Made of compose.yaml by `plan init`. How little does api run on, and how many users does it then
# hold?

plan "profiles" {
  language = 1
}

network "default" {
  name = "profiles-plan-default" # made for the run and removed after it
}

network "shared" {
  name     = "proyecto-2_default"
  external = true # must exist: it is never made and never removed
}

# FEAST_URL of api leads there: it must run already.
preflight "feast" {
  network = network.shared
  tcp     = "feast:6566"
}

# MLFLOW_TRACKING_URI of api leads there: it must run already.
preflight "mlflow" {
  network = network.shared
  tcp     = "mlflow:5000"
}

# What is tested: every trial starts it anew.
# - depends_on: nothing says what it needs, so what keeps data is started: take out what it does not
#   need: db
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

# Started once, before the first stage that needs it, and kept until the run ends.
service "db" {
  image    = "postgres"
  networks = [network.default]
  expose   = ["5432"] # the usual port of such a service: the Compose file names none

  environment = {
    POSTGRES_HOST_AUTH_METHOD = "trust"
  }
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
    users      = 10 # each has a connection of its own: one alone would reach one worker
    spawn_rate = "10/s"
    runtime    = "30s"

    driver "locust" {
      file  = "load/tests/shop.py"
      image = "locustio/locust:2.46.3"
    }
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
    runtime = "60s"

    driver "locust" {
      file  = "load/tests/shop.py"
      image = "locustio/locust:2.46.3"
    }
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

# Of the Compose file, besides what stands above, this did not come over as it is:
# - loadtest: it is Locust, and drives the load of the stages: its address, users, spawn rate and
#   runtime come from the plan
# - loadtest environment: SHOP_TOKEN: a driver has no environment of its own
# - debug: its profile is not active: debug
# - loadtest-worker: its profile is not active: load
