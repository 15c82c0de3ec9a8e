# A load by Locust, with an existing locustfile.
#
# Locust runs in a container on the service's network. Users, spawn rate and
# runtime come from the plan; requests and wait times from the locustfile.

service "api" {
  image  = "fast-api-mlflow:latest"
  expose = ["8000"]

  limits {
    memory = "1300M"
    cpus   = 0.5
  }

  ready {
    path = "/health"
  }
}

ramp "users" {
  service = service.api
  users   = [10, 50, 100]

  load {
    spawn_rate = "20/s"
    runtime    = "150s"

    driver "locust" {
      file  = "locustfile.py" # only this file is copied; its imports must be in the image
      image = "locustio/locust:2.46.3"
    }
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"

    request "POST /predict" { # Locust's method and name
      p95 = "800ms"
    }
  }
}

output "users" {
  value = ramp.users.held
}
