# Ten thousand users on a quarter of a CPU, which is by far not enough for them.

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

variable "think" {
  type = duration
}

service "api" {
  image   = var.image
  command = ["--memory", "20M", "--cpu-time", "2ms"]
  expose  = ["8000"]

  limits {
    memory = "2G"
    cpus   = 0.25
  }

  ready {
    path = "/health"
  }
}

scenario "predict" {
  think_time = var.think

  request "predict" {
    path    = "/predict"
    json    = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
    timeout = "5s"
  }
}

check "holds" {
  service = service.api

  load {
    scenario   = scenario.predict
    users      = 10000
    spawn_rate = "5000/s"
    runtime    = "15s"
  }

  threshold {
    p95 = "500ms"
  }
}
