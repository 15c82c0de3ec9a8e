# Made of compose.yaml by `plan init`. How little does scorer run on, and how many users does it
# then hold?

plan "variables" {
  language = 1
}

# It was not set when this was written, and an image's name needs it. Give it as PLAN_VAR_REGISTRY
# in the environment, or by --var REGISTRY=…
variable "REGISTRY" {
  type = string
}

variable "TAG" {
  type    = string
  default = "v7"
}

variable "A" {
  type    = string
  default = "from-dot-env"
}

variable "B" {
  type    = string
  default = "b"
}

# HF_TOKEN looks like a secret, so its value is not written here: give it as PLAN_VAR_HF_TOKEN in
# the environment.
variable "HF_TOKEN" {
  type      = string
  sensitive = true
}

variable "HOME" {
  type    = string
  default = "/home/user"
}

# It was not set when this was written: Compose takes it for empty.
variable "MODEL" {
  type    = string
  default = ""
}

variable "PASSED" {
  type    = string
  default = "on"
}

# What is tested: every trial starts it anew.
# - ports: port 7070 of the host can serve one replica only, so the host chooses a port for each
# - environment: UNSET has no value: it is taken from the environment, where it is not set
# - mem_limit: what ${MEMORY} was when this was written stands here
# - ports: what ${PORT} was when this was written stands here
service "scorer" {
  image    = "${var.REGISTRY}/scorer:${var.TAG}"
  command  = ["serve", "--model", "iris", "--port", "7070", "--mode", "$HOME"]
  expose   = ["7070"]
  ports    = ["7070"]
  replicas = 2

  environment = {
    BOTH     = "${var.A}-${var.B}"
    HF_TOKEN = var.HF_TOKEN
    HOME_OF  = var.HOME
    MODEL    = var.MODEL
    NESTED   = "from-dot-env"
    PASSED   = var.PASSED
    TWICE    = "other"
  }

  limits {
    memory = "1G"
  }
}

# What a user does, over and over. A Compose file does not tell: put in what your users ask.
scenario "user" {
  think_time = between("1s", "3s")

  request "first" {
    path = "/"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and answers.
search "memory" {
  service = service.scorer

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
