# More arrivals than one user can make of a service that takes its time.

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

variable "log" {
  type = string
}

service "shop" {
  image   = var.image
  expose  = ["8000"]
  volumes = ["${var.log}:/log"]

  ready {
    path = "/health"
  }
}

scenario "slow" {
  request "slow" {
    path = "/slow"
  }
}

check "arrivals" {
  service = service.shop

  load {
    scenario     = scenario.slow
    arrival_rate = "50/s"
    users        = 1
    runtime      = "4s"
  }

  threshold {
    p95        = "3s"
    throughput = "40/s"
  }
}
