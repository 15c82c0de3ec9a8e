# What a load alone does not show: workers that it does not reach, and silence after it.

variable "image" {
  type = string
}

guard {
  host_cpu_others = "100%" # other tests run beside it
}

# Each worker takes 60M with its first prediction. The kernel often kills a second
# one with the first, before the memory of the first is free: of four, some live.
service "workers" {
  image   = var.image
  command = ["--processes", "4", "--first-memory", "60M"]
  expose  = ["8000"]

  ready {
    path = "/health"
  }
}

service "silent" { # answers one first request, two under load, and then nothing
  image   = var.image
  command = ["--hang-after", "3"]
  expose  = ["8000"]

  ready {
    path = "/health"
  }
}

scenario "one" {
  think_time = "2s"

  request "predict" {
    path    = "/predict"
    json    = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
    timeout = "3s"
  }
}

check "room-for-three" {
  service = service.workers

  set {
    memory = "220M"
  }

  load {
    scenario = scenario.one
    users    = 1
    runtime  = "3s"
  }
}

check "room-for-all" {
  service = service.workers

  set {
    memory = "350M"
  }

  load {
    scenario = scenario.one
    users    = 1
    runtime  = "3s"
  }
}

check "silent" {
  service = service.silent

  set {
    memory = "200M"
  }

  load {
    scenario = scenario.one
    users    = 1
    runtime  = "3s"
  }
}
