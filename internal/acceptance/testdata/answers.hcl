# A search with one user, and a ramp at what it recommends, as `plan init` writes them.

variable "image" {
  type = string
}

variable "to" {
  type = size
}

service "api" {
  image   = var.image
  command = ["--request-memory", "11M", "--sleep", "1500ms"]
  expose  = ["8000"]

  ready {
    path = "/health"
  }
}

scenario "predict" {
  think_time = "50ms"

  request "predict" {
    path    = "/predict"
    json    = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
    timeout = "10s"
  }
}

search "memory" {
  service  = service.api
  strategy = "ladder"

  vary "memory" {
    from = "60M"
    to   = var.to
    step = "20M"
  }

  load {
    scenario = scenario.predict
    users    = 1
    runtime  = "2s"
  }
}

ramp "users" {
  service = service.api
  users   = [8]

  set {
    memory = search.memory.recommended.memory
  }

  load {
    scenario   = scenario.predict
    spawn_rate = "100/s"
    runtime    = "4s"
  }
}
