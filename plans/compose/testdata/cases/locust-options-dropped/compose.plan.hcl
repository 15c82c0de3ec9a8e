# Written by `plan init` from compose.yaml. How little memory does model need, and how many users
# does it sustain with that?

plan "locust-options-dropped" {
  language = 1
}

# API_KEY of locust looks like a secret, so its value is not written here: it is read from the
# Compose file.
variable "API_KEY" {
  type      = string
  sensitive = true
  default   = env("locust.API_KEY", "./compose.yaml")
}

# The service under test: every trial starts a new container.
service "model" {
  image  = "example/model:1"
  expose = ["8000"]
  ports  = ["8000:8000"]
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.model

  vary "memory" {
    from = "100M"
    to   = "4000M"
    step = "100M"
  }

  load {
    users      = 10 # each has its own connection: a single one would reach only one worker
    spawn_rate = "10/s"
    runtime    = "30s"

    driver "locust" {
      file  = "locustfile.py"
      image = "locustio/locust"
      environment = {
        API_KEY             = var.API_KEY
        LOCUST_EXCLUDE_TAGS = "slow"
      }
      args = ["--config", "/mnt/locust/locust.conf", "--model", "iris", "Caller"]
      tags = ["predict"]
    }
  }
}

# The largest number of users that it sustains with the recommended memory.
ramp "users" {
  service = service.model
  users   = [10, 50, 100, 250, 500, 1000]

  set {
    memory = search.memory.recommended.memory
  }

  load {
    runtime = "60s"

    driver "locust" {
      file  = "locustfile.py"
      image = "locustio/locust"
      environment = {
        API_KEY             = var.API_KEY
        LOCUST_EXCLUDE_TAGS = "slow"
      }
      args = ["--config", "/mnt/locust/locust.conf", "--model", "iris", "Caller"]
      tags = ["predict"]
    }
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

# The load that locust sets itself.
check "locust" {
  service = service.model

  set {
    memory = search.memory.recommended.memory
  }

  load {
    users      = 200
    spawn_rate = "20/s"
    runtime    = "5m"

    driver "locust" {
      file  = "locustfile.py"
      image = "locustio/locust"
      environment = {
        API_KEY             = var.API_KEY
        LOCUST_EXCLUDE_TAGS = "slow"
      }
      args = ["--config", "/mnt/locust/locust.conf", "--model", "iris", "Caller"]
      tags = ["predict"]
    }
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

# Further differences from the Compose file:
# - locust: it is Locust, the driver of the stages: host, users, spawn rate and runtime come from
#   the plan
# - locust: check.locust has the load that it sets itself: 200 users
# - locust command: /mnt/locust/locust.conf is not beside the locustfile: the image must have it
