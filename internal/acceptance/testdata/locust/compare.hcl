# The same load three times: by this command's engine, and by two versions of Locust.

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

variable "old" {
  type = string
}

variable "new" {
  type = string
}

variable "users" {
  type    = number
  default = 60
}

service "api" {
  image   = var.image
  command = ["--memory", "20M", "--sleep", "400ms"]
  expose  = ["8000"]

  limits {
    memory = "200M"
  }

  ready {
    path = "/health"
  }
}

scenario "visit" {
  think_time = between("100ms", "300ms")

  request "predict" {
    path   = "/predict"
    json   = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
    weight = 3
  }

  request "health" {
    path   = "/health"
    weight = 1
  }
}

check "plan" {
  service = service.api

  load {
    scenario   = scenario.visit
    users      = var.users
    spawn_rate = "60/s"
    runtime    = "12s"
  }
}

check "old" {
  service = service.api

  load {
    users      = var.users
    spawn_rate = "60/s"
    runtime    = "12s"

    driver "locust" {
      file  = "locustfile.py"
      image = var.old
    }
  }
}

check "new" {
  service = service.api

  load {
    users      = var.users
    spawn_rate = "60/s"
    runtime    = "12s"

    driver "locust" {
      file  = "locustfile.py"
      image = var.new
    }
  }
}
