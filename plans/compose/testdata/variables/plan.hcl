# Written by `plan init` from compose.yaml. How little memory does scorer need, and how many users
# does it sustain with that?

plan "variables" {
  language = 1
}

# It was not set when this plan was written, and the name of an image needs it. Set it in the
# environment or in ./.env, or use --var REGISTRY=…
variable "REGISTRY" {
  type    = string
  default = env("REGISTRY", "./.env")
}

variable "TAG" {
  type    = string
  default = "v7"
}

variable "MODEL" {
  type    = string
  default = "iris"
}

variable "PORT" {
  type    = string
  default = "7070"
}

variable "A" {
  type    = string
  default = "from-dot-env"
}

variable "B" {
  type    = string
  default = "b"
}

# HF_TOKEN looks like a secret, so the plan does not contain its value: it comes from the
# environment or from ./.env.
variable "HF_TOKEN" {
  type      = string
  sensitive = true
  default   = env("HF_TOKEN", "./.env")
}

variable "HOME" {
  type    = string
  default = "/home/user"
}

variable "PASSED" {
  type    = string
  default = "on"
}

# The service under test: every trial starts a new container.
# - ports: only one replica can have port 7070 of the host, so the host picks a port for each
# - environment: UNSET has no value: the environment would set it, and does not
# - mem_limit: the plan has the value that ${MEMORY} had when it was written
# - ports: the plan has the value that ${PORT} had when it was written
service "scorer" {
  image    = "${var.REGISTRY}/scorer:${var.TAG}"
  command  = ["serve", "--model", var.MODEL, "--port", var.PORT, "--mode", "$HOME"]
  expose   = ["7070"]
  ports    = ["7070"]
  replicas = 2

  environment = {
    BOTH     = "${var.A}-${var.B}"
    HF_TOKEN = var.HF_TOKEN
    HOME_OF  = var.HOME
    MODEL    = ""
    NESTED   = "from-dot-env"
    PASSED   = var.PASSED
    TWICE    = "other"
  }

  limits {
    memory = "1G"
  }
}

# What each user repeats. A Compose file has no requests: replace these with those of your users.
scenario "user" {
  guessed    = true # remove this line once the requests are those of your users
  think_time = between("1s", "3s")

  request "first" {
    path = "/"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.scorer

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
  service = service.scorer
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
