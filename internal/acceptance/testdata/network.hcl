# Starts a service on a network, with whatever it shares with others.

variable "image" {
  type = string
}

variable "network" {
  type = string
}

variable "external" {
  type    = bool
  default = false
}

variable "ports" {
  type    = list(string)
  default = []
}

network "shared" {
  name     = var.network
  external = var.external
}

service "api" {
  image    = var.image
  command  = ["--memory", "20M"]
  networks = [network.shared]
  expose   = ["8000"]
  ports    = var.ports

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
