# Written by `plan init` from compose.yaml. How little memory does 1st.model_api need, and how many
# users does it sustain with that?

plan "odd" {
  language = 1
}

# dotted.key of 1st.model_api looks like a secret, so its value is not written here: it is read from
# the Compose file.
variable "dotted_key" {
  type      = string
  sensitive = true
  default   = env("1st.model_api.dotted.key", "./compose.yaml")
}

# The service under test: every trial starts a new container.
# - ports: the host could pick one of 8443-8445 for 443: a plan has one port, or lets the host pick
#   any
# - ports: 53/udp is left out: only TCP is published
service "s1st-model_api" {
  image      = "odd/model"
  command    = ["sh", "-c", "echo \"starting $${HOSTNAME}\"\nexec serve --name 'two words'\n"]
  aliases    = ["1st.model_api"]
  expose     = ["80", "443", "5000", "5001"] # the first one is the port of the API
  ports      = ["[::1]:8080:80", "8443:443", "5000:5000", "5001:5001"]
  depends_on = [service.my-db, service.my-db-2]

  environment = {
    PERCENT      = "%%{if}"
    "_LEADING"   = "ünïcode \"quoted\" \\back"
    "dotted.key" = var.dotted_key
    "for"        = "loop"
  }
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "my-db" {
  image  = "odd/db:2"
  expose = ["7001"]
}

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
service "my-db-2" {
  image   = "odd/db:1"
  aliases = ["my.db"]
  expose  = ["7000"]
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
  service = service.s1st-model_api

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
  service = service.s1st-model_api
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
