# The sample needs 200M while it starts, and has 100M.

variable "image" {
  default = "plan-test:1"
}

service "api" {
  image   = var.image
  command = ["sample", "--memory", "200M"]
  expose  = [8000]

  limits {
    memory = "100M"
  }
}

check "starts" {
  service = service.api
}
