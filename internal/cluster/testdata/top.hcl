# A search whose highest values no pod may have.

variable "image" {
  type = string
}

variable "to" {
  type    = string
  default = "2000M"
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
    to   = var.to
    step = "400M"
  }
}
