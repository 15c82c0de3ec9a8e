# Written by `plan init` from compose.yaml. How little memory does api need, and how many users does
# it sustain with that?

plan "shop" {
  language = 1
}

network "default" {
  name = "shop-plan-default" # created for the run and removed after it
}

network "shared" {
  name     = "proyecto-2_default"
  external = true # must exist: the run neither creates nor removes it
}

# The service under test: every trial starts a new container.
# - depends_on: features is added: FEATURES leads there
# - depends_on: cache is added: REDIS_URL leads there
# - depends_on: registry is added: REGISTRY leads there
service "api" {
  image      = "shop/api"
  networks   = [network.default, network.shared]
  expose     = ["8000"]
  ports      = ["8000:8000"]
  depends_on = [service.db, service.features, service.cache, service.registry]

  environment = {
    FEATURES  = "http://features:6566/get"
    ITSELF    = "http://api:8000"
    REDIS_URL = "redis://cache"
    REGISTRY  = "http://registry:5000"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "db" {
  image    = "postgres"
  networks = [network.default]
  expose   = ["5432"] # the usual port of such a service: the Compose file names none

  environment = {
    POSTGRES_HOST_AUTH_METHOD = "trust"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
# - depends_on: db is added: SOURCE leads there
service "features" {
  image      = "shop/features"
  networks   = [network.default]
  expose     = ["6566"]
  depends_on = [service.db]

  environment = {
    CALLBACK = "http://api:8000/done"
    SOURCE   = "postgresql://reader@db/shop"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "cache" {
  image    = "redis"
  networks = [network.default]
  expose   = ["6379"] # the usual port of such a service: the Compose file names none
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "registry" {
  image    = "shop/registry"
  networks = [network.shared]
  expose   = ["5000"]
}

# What each user repeats. A Compose file has no requests: replace these with those of your users.
scenario "user" {
  guessed    = true # remove this line once the requests are those of your users
  think_time = between("1s", "3s")

  request "first" {
    path = "/"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and responds.
search "memory" {
  service = service.api

  vary "memory" {
    from = "100M"
    to   = "4000M"
    step = "100M"
  }

  load {
    scenario   = scenario.user
    users      = 10 # each has its own connection: a single one would reach only one worker
    spawn_rate = "10/s"
    runtime    = "30s"
  }
}

# The largest number of users that it sustains with the recommended memory.
ramp "users" {
  service = service.api
  users   = [10, 50, 100, 250, 500, 1000]

  set {
    memory = search.memory.recommended.memory
  }

  load {
    scenario = scenario.user
    runtime  = "60s"
  }

  threshold {
    p95        = "500ms"
    error_rate = "1%"
  }
}

# Further differences from the Compose file:
# - site: left out: it depends on api, and api does not depend on it
