# The most users of the sample with eight slots: as many never wait.

guard {
  host_cpu_others = "100%"
}

variable "image" {
  type = string
}

service "api" {
  image   = var.image
  command = ["sample", "--slots", "8", "--sleep", "200ms"]
  expose  = [8000]

  ready {
    path   = "/health"
    within = "30s"
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

ramp "users" {
  service = service.api
  users   = [6, 10, 20]

  load {
    scenario   = scenario.predict
    spawn_rate = "100/s"
    runtime    = "10s"
  }

  threshold {
    p95 = "300ms"
  }
}
