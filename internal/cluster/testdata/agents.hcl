# A load that four agents send.

variable "image" {
  type = string
}

variable "users" {
  type = number
}

variable "pause" {
  type = string
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
    memory = "2000M"
  }
}

scenario "predict" {
  think_time = var.pause

  request "predict" {
    path = "/predict"
    json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  }
}

check "load" {
  service = service.api

  load {
    scenario   = scenario.predict
    users      = var.users
    spawn_rate = "2000/s"
    runtime    = "40s"
    agents     = 4
  }
}
