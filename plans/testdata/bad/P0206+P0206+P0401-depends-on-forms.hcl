image "db" {
  source = "redis:7.4"
}

variable "needs" {
  type    = list(string)
  default = ["db"]
}

service "db" {
  image = image.db
}

service "other" {
  image      = "redis:7.4"
  depends_on = service.db
}

service "more" {
  image      = "redis:7.4"
  depends_on = [image.db]
}

service "api" {
  image      = "fast-api-mlflow:latest"
  expose     = ["8000"]
  depends_on = var.needs
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
