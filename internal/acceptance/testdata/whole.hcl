# Every kind of stage once: the least CPU, the most users at it, and one load.

plan "whole" {
  language = 1
}

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

variable "network" {
  type = string
}

network "backend" {
  name     = var.network
  external = true
}

preflight "model" {
  network = network.backend
  url     = "http://model:8000/health"
}

service "api" {
  image    = var.image
  command  = ["--memory", "20M", "--cpu-time", "60ms"]
  networks = [network.backend]
  expose   = ["8000"]

  limits {
    memory = "200M"
  }

  ready {
    path = "/health"
  }
}

scenario "predict" {
  think_time = between("300ms", "500ms")

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }

  request "health" {
    path   = "/health"
    weight = 0.1
  }
}

search "cpus" {
  service = service.api

  vary "cpus" {
    from = 0.05
    to   = 1.05
    step = 0.5
  }

  load {
    scenario = scenario.predict
    users    = 1
    runtime  = "12s"
  }

  threshold {
    p50 = "900ms"
  }
}

ramp "users" {
  service = service.api
  users   = [1, 20]

  set {
    cpus = search.cpus.found.cpus
  }

  load {
    scenario   = scenario.predict
    spawn_rate = "20/s"
    runtime    = "12s"
  }

  threshold {
    p50        = "1s"
    error_rate = "1%"
  }
}

check "starts" {
  service    = service.api
  depends_on = [ramp.users]

  set {
    cpus = search.cpus.found.cpus
  }

  assert "small" {
    condition     = trial.memory_peak < bytes("100M")
    error_message = "needs ${trial.memory_peak} bytes"
  }
}

output "cpus" {
  value = search.cpus.found.cpus
}

output "users" {
  value = ramp.users.held
}
