# Every attribute of every block. TestEveryAttributeIsRead takes each out, or
# gives it the value after `or`, and wants another plan. What has no effect on a
# plan stands in refused.hcl.

plan "every" {
  description = "All that can be written"
}

variable "tag" {
  type      = string # or number
  default   = "1.0"  # or "2.0"
  sensitive = true
}

image "api" {
  source = "api:latest" # or "api:older"
  name   = "registry.example.org/api:latest"
  pull   = "always"
  push   = true

  build {
    context    = "./api" # or "./other"
    dockerfile = "api.Dockerfile"
    args       = { PYTHON = "3.13" }
    target     = "serve"
  }
}

network "backend" {
  name     = "shared_backend"
  external = true
}

preflight "url" {
  network = network.backend           # or "other"
  url     = "http://store:9000/ready" # or "http://store:9000/live"
  status  = 204
  within  = "5s"
}

preflight "tcp" {
  network = network.backend
  tcp     = "store:9000" # or "store:9001"
}

service "api" {
  image       = image.api # or "api:1.0"
  command     = ["serve", "--fast"]
  entrypoint  = ["/entry"]
  working_dir = "/srv"
  environment = { TAG = var.tag }
  env_file    = [".env"]
  user        = "1000:1000"
  volumes     = ["data:/data"]
  tmpfs       = ["/run"]
  shm_size    = "256M"
  ulimits     = { nofile = 1024 }
  gpus        = 1
  aliases     = ["api.internal"]
  extra_hosts = { other = "10.0.0.1" }
  depends_on  = [service.db] # or [service.queue]

  restart_helpers = true
  networks    = [network.backend]
  expose      = ["8000"]
  ports       = ["8001"]
  restart     = "on-failure"
  replicas    = 2

  limits {
    memory = "500M"
    cpus   = 0.5 # or 0.75
    pids   = 64

    start_cpus = 2
  }

  ready {
    path    = "/ready" # or "/live"
    status  = 204
    port    = 8002
    headers = { Host = "api.test" }
    timeout = "3s"
    within  = "90s"
  }
}

service "db" {
  image    = "db:1.0"
  networks = [network.backend]
  expose   = ["5432"]

  ready {
    tcp = 5433
  }
}

service "seed" {
  image = "seed:1.0"

  ready {
    ended = true
  }
}

service "queue" {
  image    = "queue:1.0"
  networks = [network.backend]

  ready {
    command = ["queue", "ping"]
  }
}

service "worker" {
  image    = "worker:1.0"
  networks = [network.backend]
  expose   = ["9000"]

  ready {
    log   = "started" # or "up"
    count = 2
  }
}

guard {
  host_memory_free = "1G"
  runtime          = "10h"
  host_cpu_others  = "20%"
}

scenario "mixed" {
  guessed    = true
  think_time = "2s"
  headers    = { X-Plan = "every" }
  timeout    = "5s"
  redirects  = 2
  retry_idle = false

  auth {
    bearer = "token" # or "other"
  }

  feed "users" {
    file  = "users.csv" # or "others.csv"
    order = "random"
  }

  on_start {
    request "start-text" {
      method    = "PUT"
      path      = "/start" # or "/begin"
      query     = { user = feed.users.name }
      headers   = { X-Start = "1" }
      body      = "hello"
      timeout   = "3s"
      redirects = 1

      expect {
        status = 201
      }
    }

    request "start-json" {
      path = "/start"
      json = { user = feed.users.name }
    }

    request "start-form" {
      path = "/start"
      form = { user = feed.users.name }
    }

    request "start-multipart" {
      path      = "/start"
      multipart = { user = feed.users.name }
    }

    request "start-file" {
      path = "/start"
      file = "cat.png"
    }
  }

  request "text" {
    method    = "PUT"
    path      = "/text" # or "/words"
    query     = { top = 3 }
    headers   = { X-Text = "1" }
    body      = "hello"
    weight    = 3
    timeout   = "3s"
    redirects = 1

    expect {
      status   = 201
      body     = "hello"
      json     = { "$.ok" = true }
      not_body = "sorry"
      json_not = { "$.error" = "busy" }
    }
  }

  request "json" {
    path = "/json"
    json = { inputs = [1] }
  }

  request "form" {
    path = "/form"
    form = { top = 3 }
  }

  request "multipart" {
    path = "/multipart"
    multipart = {
      cat = {
        file = "cat.png" # or "dog.png"
        type = "image/webp"
      }
    }
  }

  request "file" {
    path = "/file"
    file = "cat.png"
  }
}

scenario "plain" {
  auth {
    basic {
      username = "user"     # or "other"
      password = "password" # or "secret"
    }
  }

  request "text" {
    path = "/"
  }
}

search "memory" {
  service    = service.api # or service.worker
  depends_on = [check.users]
  strategy   = "bisect"
  margin     = "20%"

  leak_horizon = "2h"

  set {
    cpus     = 2
    replicas = 1
  }

  vary "memory" {
    from = "500M" # or "600M"
    to   = "2G"   # or "3G"
    step = "100M" # or "5%"
  }

  threshold {
    error_rate = "1%"
    p99        = "2s"
  }

  load {
    scenario = scenario.mixed # or scenario.plain
    users    = 10             # or 20
  }

  assert "small" {
    condition     = trial.memory < 10 # or trial.memory < 1000
    error_message = "too much"        # or "too many bytes"
  }
}

ramp "users" {
  service      = service.api # or service.worker
  depends_on   = [check.users]
  users        = [10, 50] # or [10, 100]
  at_least     = 10
  stop_after   = 2
  leak_horizon = "1h"

  set {
    memory = "1G"
  }

  load {
    scenario   = scenario.mixed # or scenario.plain
    spawn_rate = "5/s"
    runtime    = "2m"
    warm_up    = "10s"
    agents     = 3
  }

  threshold {
    p50        = "100ms"
    p90        = "200ms"
    p95        = "300ms"
    p99        = "400ms"
    p999       = "500ms"
    max        = "1s"
    error_rate = "1%"
    throughput = "20/s"

    request "text" {
      p50        = "100ms"
      p90        = "200ms"
      p95        = "300ms"
      p99        = "400ms"
      p999       = "500ms"
      max        = "1s"
      error_rate = "1%"
      throughput = "20/s"
    }
  }
}

ramp "auto" {
  service = service.api
  users   = "auto" # or [10, 20]
  from    = 2
  to      = 500
  step    = 3 # or "5%"

  load {
    scenario = scenario.mixed
  }
}

check "users" {
  service = service.worker # or service.api

  leak_horizon = "3h"
  depends_on   = [check.open]

  load {
    scenario   = scenario.plain # or scenario.mixed
    users      = 10             # or 20
    spawn_rate = "5/s"
    runtime    = "2m"
    warm_up    = "10s"
    agents     = 4
  }
}

check "open" {
  service = service.worker

  load {
    scenario     = scenario.plain
    arrival_rate = "50/s" # or "60/s"
  }
}

check "stages" {
  service = service.worker

  load {
    scenario = scenario.plain
    stages = [ # or [{ users = 5, over = "1s" }]
      {
        users = 10    # or 20
        over  = "10s" # or "20s"
      },
    ]
  }
}

check "rates" {
  service = service.worker

  load {
    scenario = scenario.plain
    stages = [ # or [{ rate = "5/s", over = "1s" }]
      {
        rate = "10/s" # or "20/s"
        over = "10s"
      },
    ]
  }
}

check "driven" {
  service = service.worker

  load {
    users = 10 # or 20

    driver "locust" {
      file  = "locustfile.py" # or "other.py"
      image = "locustio/locust:2.46.3"

      environment  = { API_KEY = "key" }
      args         = ["--model", "iris"]
      tags         = ["predict"]
      files        = ["cat.png"]
      requirements = "requirements.txt"
    }
  }
}

search "cheapest" {
  service  = service.worker
  scenario = scenario.plain
  prefer   = "memory"

  vary "memory" {
    from = "500M"
    to   = "2G"
    step = "100M"
  }

  vary "cpus" {
    from = 0.5
    to   = 2
    step = 0.5
  }

  vary "replicas" {
    from = 1
    to   = 3
  }

  vary "workers" {
    values = [1, 2] # or [1, 2, 3]
  }

  set {
    environment = { WORKERS = "${vary.workers} of ${vary.memory_bytes}" }
    command     = ["serve", vary.workers]
  }

  price {
    cpus     = 0.04
    memory   = 0.005
    replicas = 0.01
  }

  at_most {
    memory   = "1G"
    cpus     = 1
    replicas = 2
  }

  budget {
    trials = 20
    time   = "30m"
  }
}

output "memory" {
  value       = "found" # or "not found"
  description = "What was found"
  sensitive   = true
}

report "html" {
  path = "report.html" # or "page.html"
}
