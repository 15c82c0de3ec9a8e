service "api" {
  image  = "api:1.0"
  expose = ["8000"]
  ready {
    tcp   = 8000
    count = 2
  }
}

service "db" {
  image = "db:1.0"
  ready {
    log     = "ready"
    port    = 5432
    headers = { Accept = "text/plain" }
    timeout = "2s"
  }
}

check "one" {
  service = service.api
}
