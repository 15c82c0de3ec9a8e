# All kinds of objects: a Secret, a claim, a helper, a command in the container.

variable "image" {
  type = string
}

variable "key" {
  type      = string
  sensitive = true
  default   = "k-294-secret-871"
}

service "db" {
  image   = var.image
  command = ["sample"]
  expose  = [8000]

  ready {
    path   = "/health"
    within = "30s"
  }
}

service "api" {
  image       = var.image
  command     = ["sample"]
  expose      = [8000]
  environment = { KEY = var.key }
  volumes     = ["models:/models:ro"]
  depends_on  = [service.db]

  ready {
    path   = "/health"
    within = "30s"
  }

  limits {
    memory = "200M"
  }
}

check "starts" {
  service = service.api
}
