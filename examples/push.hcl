# Tags an image, pushes it, and tests the pushed image.
#
# The engine pushes it before the first stage, with the credentials of
# `docker login`. The report has the digest.

variable "repository" { # plan run push.hcl --var repository=registry.example.org/team/api
  type        = string
  default     = "localhost:5000/fast-api-mlflow"
  description = "Registry and repository to push to, without a tag"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.:/_-]*$", var.repository))
    error_message = "Write the repository in lower case, and leave the tag out."
  }
}

image "api" {
  source = "fast-api-mlflow:latest"
  pull   = "never" # built on this machine
  name   = "${var.repository}:latest"
  push   = true
}

service "api" {
  image  = image.api
  expose = ["8000"]

  limits {
    memory = "1300M"
    cpus   = 0.5
  }

  ready {
    path   = "/health"
    within = "120s"
  }
}

check "starts" { # without a load: the service becomes ready and stays alive
  service = service.api
}

output "digest" {
  value = image.api.digest
}
