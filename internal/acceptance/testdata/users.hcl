# The most users of a service whose slots are known.

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

service "api" {
  image   = var.image
  command = ["--slots", "8", "--sleep", "200ms"]
  expose  = ["8000"]

  ready {
    path   = "/health"
    within = "60s"
  }

  limits {
    memory = "200M"
  }
}

scenario "predict" {
  think_time = "1ms"

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

ramp "users" { # eight users never wait, and the latency of sixteen is twice the time of a prediction
  service = service.api
  users   = "auto"
  from    = 8
  to      = 32
  step    = 4

  load {
    scenario   = scenario.predict
    spawn_rate = "100/s"
    runtime    = "3s"
  }

  threshold {
    p50 = "350ms"
  }
}
