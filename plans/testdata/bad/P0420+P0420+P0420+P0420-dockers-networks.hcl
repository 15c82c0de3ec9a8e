variable "networks" {
  default = ["none"]
}

network "bridge" {
  external = true
}

network "default" {
  name     = "host"
  external = true
}

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]
  networks = ["host", network.bridge, network.default]
}

service "other" {
  image    = "fast-api-mlflow:latest"
  expose   = ["8000"]
  networks = var.networks
}

check "other" {
  service = service.other
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
