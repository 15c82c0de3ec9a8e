# An API that needs a store, and a job that asks the store by another name before the API starts.

variable "image" {
  type = string
}

variable "path" {
  type = string
}

service "store" {
  image   = var.image
  aliases = ["bucket.test"]
  expose  = ["8000"]
}

service "seed" {
  image      = var.image
  entrypoint = ["/plan", "load", "http://bucket.test:8000${var.path}", "--users", "1", "--runtime", "1s"]
  depends_on = [service.store]

  ready {
    ended = true
  }
}

service "api" {
  image      = var.image
  expose     = ["8000"]
  depends_on = [service.seed]

  ready {
    path = "/health"
  }
}

check "starts" {
  service = service.api
}

check "again" {
  service = service.api
}
