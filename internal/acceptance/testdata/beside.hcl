# The least CPU with which a service holds a load, on a machine that others may use too.

variable "image" {
  type = string
}

variable "cpu_time" {
  type    = duration
  default = "10ms"
}

variable "from" {
  type = cpus
}

variable "to" {
  type = cpus
}

variable "runtime" {
  type    = duration
  default = "10s"
}

service "api" {
  image   = var.image
  command = ["--memory", "20M", "--cpu-time", "${var.cpu_time}"]
  expose  = ["8000"]

  limits {
    memory = "200M"
  }

  ready {
    path = "/health"
  }
}

scenario "predict" {
  think_time = "1s"

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

search "cpus" {
  service = service.api

  vary "cpus" {
    from = var.from
    to   = var.to
    step = 0.5
  }

  load {
    scenario   = scenario.predict
    users      = 70
    spawn_rate = "70/s"
    runtime    = var.runtime
  }

  threshold {
    p95        = "300ms"
    error_rate = "1%"
  }
}
