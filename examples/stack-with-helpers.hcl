# An API and its helpers: the services that it depends on.
#
# Helpers (services in `depends_on`) start once, in dependency order, and run
# until the run ends. Each trial starts a new container of the API only.

network "backend" {} # created for the run and removed after it

service "database" {
  image    = "postgres:17"
  networks = [network.backend]

  environment = {
    POSTGRES_PASSWORD = "workshop"
  }

  limits {
    memory = "512M"
  }

  ready {
    command = ["pg_isready", "--username", "postgres"] # ready on exit code 0
  }
}

service "mlflow" {
  image      = "ghcr.io/mlflow/mlflow:v3.6.0"
  command    = ["mlflow", "server", "--host", "0.0.0.0", "--backend-store-uri", "sqlite:////store/mlflow.db"]
  networks   = [network.backend]
  expose     = ["5000"]
  volumes    = ["mlflow:/store"] # empty, or a copy if the engine has it
  depends_on = [service.database]

  limits {
    memory = "1G"
  }

  ready {
    path   = "/health"
    within = "120s"
  }
}

service "api" {
  image      = "fast-api-mlflow:latest"
  networks   = [network.backend]
  expose     = ["8000"]
  depends_on = [service.mlflow]

  environment = { # services on the same network reach each other by name
    MLFLOW_TRACKING_URI = "http://${service.mlflow.name}:5000"
    DATABASE_URL        = "postgresql://postgres:workshop@${service.database.name}:5432/postgres"
  }

  limits {
    cpus = 0.5
  }

  ready {
    path   = "/health"
    within = "120s"
  }
}

scenario "predict" {
  think_time = "1s"

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "300M"
    to   = "2G"
    step = "100M"
  }

  load {
    scenario = scenario.predict
    users    = 2
    runtime  = "30s"
  }
}
