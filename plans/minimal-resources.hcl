# The least memory of fast-api-mlflow, and the most users that it then serves.

plan "minimal-resources" {
  language    = 1          # edition of the language
  requires    = ">= 0.1.0" # version of the command; both are checked first
  description = "Least memory and most users of the inference API"
}

variable "repository" {
  type        = string
  default     = "jrpenagu/fast-api-mlflow"
  description = "Registry repository to push to, without a tag"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.:/_-]*$", var.repository))
    error_message = "Write the repository in lower case, as user/name, and leave the tag out."
  }
}

variable "command" { # [] keeps the command of the image
  type    = list(string)
  default = ["uv", "run", "uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
}

variable "runtime" {
  type    = duration # also size, share, rate, and the types of HCL
  default = "150s"
}

variable "users" {
  type    = list(number)
  default = [10, 50, 100, 250, 500, 1000, 2500, 5000, 10000]
}

variable "spawn_rate" {
  type    = rate
  default = "200/s"
}

variable "smoke" { # runtime of a memory trial
  type    = duration
  default = "30s"
}

variable "minio_key" {
  type    = string
  default = "workshop"
}

variable "minio_secret" { # set it with PLAN_VAR_minio_secret or --var-file; never printed, never stored
  type      = string
  default   = ""
  sensitive = true
}

image "api" {
  source = "fast-api-mlflow:latest" # must be on the engine
  name   = "${var.repository}:latest"
  push   = true # with the credentials of `docker login`
}

network "backend" {
  name     = "proyecto-2_default"
  external = true # must exist; the run neither creates nor removes it
}

preflight "mlflow" { # probed from inside the network, before the first stage
  network = network.backend
  url     = "http://mlflow:5000/health"
  status  = 200
  within  = "20s"
}

preflight "minio" {
  network = network.backend
  url     = "http://minio:9000/minio/health/live"
  within  = "20s"
}

service "api" {
  image    = image.api
  command  = var.command
  networks = [network.backend]
  expose   = ["8000"] # the first port is the API; to publish ports, use `ports` as in Compose

  environment = {
    MLFLOW_TRACKING_URI    = "http://mlflow:5000"
    MLFLOW_S3_ENDPOINT_URL = "http://minio:9000"
    AWS_ACCESS_KEY_ID      = var.minio_key
    AWS_SECRET_ACCESS_KEY  = var.minio_secret
  }

  limits {
    memory = "500M" # 500 x 1024 x 1024 bytes, as in Docker
    cpus   = 0.5
  }

  ready {
    path   = "/health"
    within = "120s"
  }
}

scenario "predict" {
  think_time = between("1s", "3s") # or "2s", or exponential("2s")

  request "predict" {
    method = "POST"
    path   = "/predict"
    json   = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
    weight = 9
    expect { status = [200] }
  }

  request "health" {
    path   = "/health"
    weight = 1
  }
}

guard { # stops the run before the host runs out of memory; on by default
  host_memory_free = "2G"
}

search "memory" { # least memory at which the API starts and responds
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "4G" # upper bound: 500M, 600M ... 4000M, then 4G
    step = "100M"
  }

  load { # without a load, a trial passes when the service is ready
    scenario = scenario.predict
    users    = 1
    runtime  = var.smoke
  }
}

ramp "users" { # most users that it then serves
  service = service.api

  set {
    memory = search.memory.found.memory # because of this reference the stage runs after the search
  }

  users = var.users

  load {
    scenario   = scenario.predict
    spawn_rate = var.spawn_rate
    runtime    = var.runtime
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

output "memory" {
  value = search.memory.found.memory
}

output "users" {
  value = ramp.users.held
}
