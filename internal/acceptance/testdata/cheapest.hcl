# The cheapest memory and CPU limits of a service whose memory is known.

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

variable "command" {
  type = list(string)
}

service "api" {
  image   = var.image
  command = var.command
  expose  = ["8000"]

  ready {
    path   = "/health"
    within = "60s"
  }
}

scenario "predict" {
  think_time = "200ms"

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

search "memory" { # both limits, and a setting that the service does not read
  service = service.api

  vary "memory" {
    from = "300M"
    to   = "1200M"
    step = "100M"
  }

  vary "cpus" {
    from = 0.5
    to   = 1.5
    step = 0.5
  }

  vary "workers" {
    values = [1, 2]
  }

  set {
    environment = {
      WORKERS = vary.workers
    }
  }

  price {
    cpus   = 0.04
    memory = 0.005
  }

  load {
    scenario = scenario.predict
    users    = 1
    runtime  = "2s"
  }
}
