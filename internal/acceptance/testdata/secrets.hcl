# Has a secret wherever a plan may have one, and a service that tells its own.

variable "source" {
  type = string
}

variable "repository" {
  type = string
}

variable "key" {
  type      = string
  sensitive = true
}

image "api" {
  source = var.source
  name   = "${var.repository}:latest"
  push   = true
}

service "api" {
  image       = image.api
  command     = ["--memory", "20M", "--start-delay", "3s"]
  environment = { API_KEY = var.key }
  expose      = ["8000"]

  limits {
    memory = "100M"
  }

  ready {
    path = "/health"
  }
}

service "telltale" {
  image   = image.api
  command = ["--${var.key}"]
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

check "breaks" {
  service = service.telltale
}
