# The least memory of the sample at which it answers a prediction.

variable "image" {
  type = string
}

variable "command" {
  type = list(string)
}

variable "range" {
  type    = object({ from = string, to = string, step = string })
  default = { from = "40M", to = "180M", step = "20M" }
}

service "api" {
  image   = var.image
  command = concat(["sample"], var.command)
  expose  = [8000]

  ready {
    path   = "/health"
    within = "30s"
  }
}

scenario "predict" {
  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

search "memory" {
  service  = service.api
  scenario = scenario.predict

  vary "memory" {
    from = var.range.from
    to   = var.range.to
    step = var.range.step
  }
}
