# The least memory of the sample, which holds 70M.

variable "image" {
  default = "plan-test:1"
}

service "api" {
  image   = var.image
  command = ["sample", "--memory", "70M"]
  expose  = [8000]

  limits {
    cpus = 0.5
  }

  ready {
    path   = "/health"
    within = "30s"
  }
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "40M"
    to   = "160M"
    step = "20M"
  }
}

output "memory" {
  value = search.memory.found.memory
}
