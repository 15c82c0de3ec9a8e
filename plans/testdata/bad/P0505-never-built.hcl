# with: host
image "api" {
  source = "shop-api"
  pull   = "never"
}

service "api" {
  image  = image.api
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
