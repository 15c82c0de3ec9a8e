# The least memory of each of two replicas, which needs more than 100M.

variable "image" {
  type = string
}

service "api" {
  image   = var.image
  command = ["sample", "--memory", "140M"]
  expose  = [8000]

  ready {
    path   = "/health"
    within = "30s"
  }
}

search "memory" {
  service = service.api

  set {
    replicas = 2
  }

  vary "memory" {
    from = "100M"
    to   = "300M"
    step = "100M"
  }
}
