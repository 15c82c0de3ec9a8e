# with: host
service "api" {
  image  = "ghcr.io/you/api:v1"
  expose = ["8000"]
}

search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "1000M"
    step = "100M"
  }
}
