# Starts an image that may have to be pulled.

variable "source" {
  type = string
}

variable "pull" {
  type    = string
  default = "missing"
}

image "api" {
  source = var.source
  pull   = var.pull
}

service "api" {
  image   = image.api
  command = ["--memory", "20M"]
  expose  = ["8000"]

  limits {
    memory = "100M"
  }

  ready {
    path = "/health"
  }
}

check "starts" {
  service = service.api
}
