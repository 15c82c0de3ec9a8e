# Three replicas behind one name, with a service beside them that they need.

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

service "backend" {
  image   = var.image
  command = ["--memory", "10M"]
  expose  = ["8000"]

  limits {
    memory = "100M"
  }
}

service "api" {
  image      = var.image
  command    = ["--memory", "20M"]
  expose     = ["8000"]
  depends_on = [service.backend]

  limits {
    memory = "100M"
    cpus   = 0.3
  }

  ready {
    path = "/health"
  }
}

scenario "predict" {
  think_time = between("50ms", "150ms")

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

check "holds" {
  service = service.api

  set {
    replicas = 3
  }

  load {
    scenario   = scenario.predict
    users      = 30
    runtime    = "12s"
    spawn_rate = "100/s"
  }
}
