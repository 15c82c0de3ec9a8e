# Made of compose.yaml by `plan init`. How little does api run on, and how many users does it then
# hold?

plan "shop" {
  language = 1
}

network "default" {
  name = "shop-plan-default" # made for the run and removed after it
}

network "shared" {
  name     = "proyecto-2_default"
  external = true # must exist: it is never made and never removed
}

# REGISTRY of api leads there: it must run already.
preflight "registry" {
  network = network.shared
  tcp     = "registry:5000"
}

# What is tested: every trial starts it anew.
# - depends_on: features is added: FEATURES leads there
# - depends_on: cache is added: REDIS_URL leads there
service "api" {
  image      = "shop/api"
  networks   = [network.default, network.shared]
  expose     = ["8000"]
  ports      = ["8000:8000"]
  depends_on = [service.db, service.features, service.cache]

  environment = {
    FEATURES  = "http://features:6566/get"
    ITSELF    = "http://api:8000"
    REDIS_URL = "redis://cache"
    REGISTRY  = "http://registry:5000"
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "db" {
  image    = "postgres"
  networks = [network.default]
  expose   = ["5432"] # the usual port of such a service: the Compose file names none

  environment = {
    POSTGRES_HOST_AUTH_METHOD = "trust"
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
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

# Started once, before the first stage that needs it, and kept until the run ends.
service "cache" {
  image    = "redis"
  networks = [network.default]
  expose   = ["6379"] # the usual port of such a service: the Compose file names none
}

# What a user does, over and over. A Compose file does not tell: put in what your users ask.
scenario "user" {
  think_time = between("1s", "3s")

  request "first" {
    path = "/"
  }

  # request "predict" {
  #   path = "/predict"
  #   json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }
  # }
}

# The least memory at which it starts and answers.
search "memory" {
  service = service.api

  vary "memory" {
    from = "500M"
    to   = "4G"
    step = "100M"
  }

  load {
    scenario   = scenario.user
    users      = 10 # each has a connection of its own: one alone would reach one worker
    spawn_rate = "10/s"
    runtime    = "30s"
  }
}

# The most users that it then holds.
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

# Of the Compose file, besides what stands above, this did not come over as it is:
# - registry: it is taken for running on proyecto-2_default already, which the plan does not make
# - site: it needs api, and api does not need it
