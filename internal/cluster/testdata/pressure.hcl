# A service without a limit, which uses more than the node has for pods.

variable "image" {
  type = string
}

service "api" {
  image   = var.image
  command = ["sample", "--memory", "1700M"]
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

check "load" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 2
    runtime  = "60s"
  }
}
