plan "job" {
  language = 1
}

service "seed" {
  image   = "seed:1.0"
  restart = "on-failure"

  ready {
    ended = true
  }
}

check "seed" {
  service = service.seed
}
