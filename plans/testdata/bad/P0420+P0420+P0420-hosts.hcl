plan "hosts" {
  language = 1
}

service "api" {
  image       = "api:1.0"
  expose      = ["8000"]
  aliases     = ["api.internal", "no name"]
  extra_hosts = { "other" = "somewhere" }
}

service "db" {
  image       = "db:1.0"
  extra_hosts = { "no/name" = "10.0.0.1", "gateway" = "host-gateway" }
}

check "one" {
  service = service.api
}
