# A search whose highest values no pod may have.

variable "image" {
  type = string
}

service "api" {
  image   = var.image
  command = ["sample", "--memory", "2000M"]
  expose  = [8000]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "400M"
    to   = "2000M"
    step = "400M"
  }
}
