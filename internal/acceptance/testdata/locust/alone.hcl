# A short load by Locust, to see what is said of a locustfile or an image that does not serve.

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

variable "locust" {
  type = string
}

variable "file" {
  type    = string
  default = "locustfile.py"
}

variable "runtime" {
  type    = duration
  default = "3s"
}

variable "command" {
  type    = list(string)
  default = ["--memory", "20M"]
}

service "api" {
  image   = var.image
  command = var.command
  expose  = ["8000"]

  limits {
    memory = "200M"
  }

  ready {
    path = "/health"
  }
}

check "locust" {
  service = service.api

  load {
    users   = 2
    runtime = var.runtime

    driver "locust" {
      file  = var.file
      image = var.locust
    }
  }
}
