# All that a load can be made of, on a service that writes down what it is asked.

guard {
  host_cpu_others = "100%" # of machines on which tests run beside each other
}

variable "image" {
  type = string
}

variable "log" {
  type = string
}

service "shop" {
  image   = var.image
  expose  = ["8000"]
  volumes = ["${var.log}:/log"]

  limits {
    memory = "200M"
  }

  ready {
    path = "/health"
  }
}

scenario "shop" {
  think_time = "50ms"

  feed "users" {
    file = "users.csv"
  }

  feed "items" {
    file  = "items.csv"
    order = "once"
  }

  on_start {
    request "login" {
      path = "/login"
      form = { name = feed.users.name, password = feed.users.password }
    }
  }

  request "item" {
    path    = "/items/${feed.items.id}"
    headers = { X-User = feed.users.name }
    weight  = 3

    expect {
      json = { "$.labels[0].name" = "cat" }
    }
  }

  request "predict" {
    path = "/predict"
    json = { user = feed.users.name, inputs = [[5.1, 3.5]] }

    expect {
      json = { "$.model" = "v2" }
    }
  }

  request "order" {
    path = "/order"
    form = { user = feed.users.name, note = "a & b" }
  }

  request "picture" {
    path      = "/picture"
    multipart = { note = "a cat", image = { file = "picture.png" } }

    expect {
      body = "got 300 bytes"
    }
  }
}

scenario "few" {
  think_time = "50ms"

  feed "users" {
    file = "users.csv"
  }

  feed "few" {
    file  = "few.csv"
    order = "once"
  }

  on_start {
    request "login" {
      path = "/login"
      form = { name = feed.users.name, password = feed.users.password }
    }
  }

  request "item" {
    path    = "/items/${feed.few.id}"
    headers = { X-User = feed.users.name }
  }
}

check "arrivals" {
  service = service.shop

  load {
    scenario     = scenario.shop
    arrival_rate = poisson("60/s")
    users        = 20
    runtime      = "8s"
    warm_up      = "2s"
  }

  threshold {
    p95 = "5s"
  }
}

check "stages" {
  service = service.shop

  load {
    scenario = scenario.shop

    stages = [
      { users = 10, over = "2s" },
      { users = 10, over = "3s" },
      { users = 2, over = "2s" },
    ]
  }

  threshold {
    p95 = "5s"
  }
}

check "spent" {
  service = service.shop

  load {
    scenario = scenario.few
    users    = 4
    runtime  = "60s"
  }
}
