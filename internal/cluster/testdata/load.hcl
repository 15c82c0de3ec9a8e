# A load that is long enough to do something to the pod meanwhile.

variable "image" {
  type = string
}

variable "runtime" {
  type    = string
  default = "20s"
}

service "api" {
  image   = var.image
  command = ["sample"]
  expose  = [8000]

  ready {
    path   = "/health"
    within = "30s"
  }

  limits {
    memory = "200M"
  }
}

scenario "predict" {
  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

check "load" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 2
    runtime  = var.runtime
  }
}
