# One load that a service holds alone, on a machine that others may use too.

variable "image" {
  type = string
}

variable "cpu_time" {
  type    = duration
  default = "10ms"
}

variable "cpus" {
  type    = cpus
  default = 1
}

service "api" {
  image   = var.image
  command = ["--memory", "20M", "--cpu-time", "${var.cpu_time}"]
  expose  = ["8000"]

  limits {
    memory = "200M"
    cpus   = var.cpus
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

check "users" {
  service = service.api

  load {
    scenario   = scenario.predict
    users      = 70
    spawn_rate = "70/s"
    runtime    = "10s"
  }

  threshold {
    p95        = "300ms"
    error_rate = "1%"
  }
}
