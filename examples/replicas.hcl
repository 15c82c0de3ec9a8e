# Compares two small replicas with one large container under the same load.
#
# Replicas are containers behind the name of the service. Limits are those of
# each container: two replicas with 0.5 CPU may use 1 CPU together.

variable "users" { # plan run replicas.hcl --var users=200
  type    = number
  default = 100
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"] # with `ports`, only one replica could have a fixed port of the host

  limits {
    memory = "1300M"
  }

  ready {
    path   = "/health"
    within = "120s"
  }
}

scenario "predict" {
  think_time = between("1s", "3s")

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

check "one_large" {
  service = service.api

  set { # overrides the limits of the service
    cpus = 1
  }

  load {
    scenario = scenario.predict
    users    = var.users
    runtime  = "2m"
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

check "two_small" { # passes only if every replica passes
  service = service.api

  set {
    cpus     = 0.5
    replicas = 2
  }

  load {
    scenario = scenario.predict
    users    = var.users
    runtime  = "2m"
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}
