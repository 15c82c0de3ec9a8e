# Starts an image that no block declares.

variable "source" {
  type = string
}

service "api" {
  image   = var.source
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
