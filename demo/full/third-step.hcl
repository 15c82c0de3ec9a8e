# The third step of the workshop: the least memory, CPUs and replicas with which
# the API serves 10,000 users. Each user sends a request every 60 to 120 s.

plan "third-step" {
  language    = 1
  description = "Least memory, CPUs and replicas for 10,000 users"
}

variable "users" {
  type    = number
  default = 10000
}

variable "minio_secret" {
  type      = string
  default   = ""
  sensitive = true
}

preflight "mlflow" {
  network = "proyecto-2_default"
  url     = "http://mlflow:5000/health"
}

preflight "minio" {
  network = "proyecto-2_default"
  url     = "http://minio:9000/minio/health/live"
}

service "api" {
  image    = "fast-api-mlflow:latest"
  networks = ["proyecto-2_default"]
  expose   = ["8000"]

  environment = {
    MLFLOW_TRACKING_URI    = "http://mlflow:5000"
    MLFLOW_S3_ENDPOINT_URL = "http://minio:9000"
    AWS_ACCESS_KEY_ID      = "workshop"
    AWS_SECRET_ACCESS_KEY  = var.minio_secret
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
  think_time = between("60s", "120s")

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "4G"
    step = "100M"
  }

  load {
    scenario = scenario.predict
    users    = 1
    runtime  = "20s"
  }
}

# One check for each configuration, sorted by the CPUs of all its replicas. All
# run, even after a failure: two replicas with 0.5 CPU may pass where one with 1 CPU failed.

check "r1_c0_5" {
  service = service.api

  set {
    memory   = search.memory.found.memory
    cpus     = 0.5
    replicas = 1
  }

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "150/s" # all are active after 67 s
    runtime    = "150s"
  }

  threshold {
    p95        = "1s"
    error_rate = "1%"
  }
}

check "r1_c1" {
  service = service.api

  set {
    memory   = search.memory.found.memory
    cpus     = 1
    replicas = 1
  }

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "150/s" # all are active after 67 s
    runtime    = "150s"
  }

  threshold {
    p95        = "1s"
    error_rate = "1%"
  }
}

check "r2_c0_5" {
  service = service.api

  set {
    memory   = search.memory.found.memory
    cpus     = 0.5
    replicas = 2
  }

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "150/s" # all are active after 67 s
    runtime    = "150s"
  }

  threshold {
    p95        = "1s"
    error_rate = "1%"
  }
}

check "r1_c1_5" {
  service = service.api

  set {
    memory   = search.memory.found.memory
    cpus     = 1.5
    replicas = 1
  }

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "150/s" # all are active after 67 s
    runtime    = "150s"
  }

  threshold {
    p95        = "1s"
    error_rate = "1%"
  }
}

check "r3_c0_5" {
  service = service.api

  set {
    memory   = search.memory.found.memory
    cpus     = 0.5
    replicas = 3
  }

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "150/s" # all are active after 67 s
    runtime    = "150s"
  }

  threshold {
    p95        = "1s"
    error_rate = "1%"
  }
}

check "r1_c2" {
  service = service.api

  set {
    memory   = search.memory.found.memory
    cpus     = 2
    replicas = 1
  }

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "150/s" # all are active after 67 s
    runtime    = "150s"
  }

  threshold {
    p95        = "1s"
    error_rate = "1%"
  }
}

check "r2_c1" {
  service = service.api

  set {
    memory   = search.memory.found.memory
    cpus     = 1
    replicas = 2
  }

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "150/s" # all are active after 67 s
    runtime    = "150s"
  }

  threshold {
    p95        = "1s"
    error_rate = "1%"
  }
}

# The same question as one search. Its answer is the cheapest combination that passes,
# proved by the failures that cover everything cheaper.

search "resources" {
  service = service.api

  vary "memory" {
    from = search.memory.found.memory
    to   = "2G"
    step = "100M"
  }

  vary "cpus" {
    from = 0.5
    to   = 2
    step = 0.5
  }

  vary "replicas" {
    from = 1
    to   = 3
  }

  price { # of an hour
    cpus   = 0.04
    memory = 0.005
  }

  budget {
    time = "1h"
  }

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "150/s"
    runtime    = "150s"
  }

  threshold {
    p95        = "1s"
    error_rate = "1%"
  }
}

output "memory" {
  value = search.memory.found.memory
}

output "cheapest" {
  value = {
    replicas = search.resources.found.replicas
    cpus     = search.resources.found.cpus
    memory   = search.resources.found.memory
  }
}

output "held" {
  value = {
    "1 x 0.5 CPU" = check.r1_c0_5.met
    "1 x 1 CPU"   = check.r1_c1.met
    "2 x 0.5 CPU" = check.r2_c0_5.met
    "1 x 1.5 CPU" = check.r1_c1_5.met
    "3 x 0.5 CPU" = check.r3_c0_5.met
    "1 x 2 CPU"   = check.r1_c2.met
    "2 x 1 CPU"   = check.r2_c1.met
  }
}
