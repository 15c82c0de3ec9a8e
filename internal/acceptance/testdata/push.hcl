# Pushes an image and starts it.

variable "source" {
  type = string
}

variable "repository" {
  type = string
}

image "api" {
  source = var.source
  name   = "${var.repository}:latest"
  push   = true
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
