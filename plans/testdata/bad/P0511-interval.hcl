# with: host
service "slow" {
  image  = "redis:7.2"
  expose = ["6379"]
}

# its interval is shorter
service "quick" {
  image  = "redis:7.4"
  expose = ["6379"]
}

# it is not asked
service "path" {
  image  = "redis:7.2"
  expose = ["6379"]
  ready { path = "/" }
}

# it has longer
service "patient" {
  image  = "redis:7.2"
  expose = ["6379"]
  ready { within = "2m" }
}

check "slow" {
  service = service.slow
}

check "quick" {
  service = service.quick
}

check "path" {
  service = service.path
}

check "patient" {
  service = service.patient
}
