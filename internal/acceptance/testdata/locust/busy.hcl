# A load that one process of Locust cannot make, and this command's engine can.

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

variable "locust" {
  type = string
}

variable "users" {
  type = number
}

service "api" {
  image   = var.image
  command = ["--memory", "20M"]
  expose  = ["8000"]

  limits {
    memory = "200M"
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

check "plan" {
  service = service.api

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "200/s"
    runtime    = "12s"
  }
}

check "locust" {
  service = service.api

  load {
    users      = var.users
    spawn_rate = "200/s"
    runtime    = "12s"

    driver "locust" {
      file  = "busy.py"
      image = var.locust
    }
  }
}
