# The least memory at which a service starts and answers, asked as the tests need it.

plan "least" {
  language = 1
}

variable "image" {
  type = string
}

variable "command" {
  type    = list(string)
  default = []
}

variable "environment" {
  type    = map(string)
  default = {}
}

variable "from" {
  type    = size
  default = "300M"
}

variable "to" {
  type    = size
  default = "1200M"
}

variable "strategy" {
  type    = string
  default = "anchored"
}

variable "health" {
  type    = string
  default = "/health"
}

variable "within" {
  type    = duration
  default = "60s"
}

variable "runtime" {
  type    = duration
  default = "2s"
}

service "api" {
  image       = var.image
  command     = var.command
  environment = var.environment
  expose      = ["8000"]

  ready {
    path   = var.health
    within = var.within
  }
}

scenario "predict" {
  think_time = "200ms"

  request "predict" {
    path    = "/predict"
    json    = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
    timeout = "10s"
  }
}

search "memory" {
  service  = service.api
  strategy = var.strategy

  vary "memory" {
    from = var.from
    to   = var.to
    step = "100M"
  }

  load {
    scenario = scenario.predict
    users    = 1
    runtime  = var.runtime
  }
}
