# A service that takes 500M where its limit is 400M or more, and 60M below that.

variable "image" {
  type = string
}

variable "strategy" {
  type = string
}

service "api" {
  image   = var.image
  command = ["--memory", "60M", "--large-from", "400M", "--large-memory", "500M"]
  expose  = ["8000"]

  ready {
    path = "/health"
  }
}

search "memory" {
  service  = service.api
  strategy = var.strategy

  vary "memory" {
    from = "50M"
    to   = "1G"
    step = "50M"
  }
}
