# Made of compose.yaml by `plan init`. How little does 1st.model_api run on, and how many users does
# it then hold?

plan "odd" {
  language = 1
}

# dotted.key of 1st.model_api looks like a secret, so its value is not written here: give it as
# PLAN_VAR_dotted_key in the environment.
variable "dotted_key" {
  type      = string
  sensitive = true
}

# What is tested: every trial starts it anew.
# - ports: any of 8443-8445 was meant for 443: a plan takes one, or leaves the choice to the host
# - ports: 53/udp is left out: only TCP is published
service "s1st-model_api" {
  image      = "odd/model"
  command    = ["sh", "-c", "echo \"starting $${HOSTNAME}\"\nexec serve --name 'two words'\n"]
  aliases    = ["1st.model_api"]
  expose     = ["80", "443", "5000", "5001"] # the first one is the API's
  ports      = ["[::1]:8080:80", "8443:443", "5000:5000", "5001:5001"]
  depends_on = [service.my-db, service.my-db-2]

  environment = {
    PERCENT      = "%%{if}"
    "_LEADING"   = "ünïcode \"quoted\" \\back"
    "dotted.key" = var.dotted_key
    "for"        = "loop"
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "my-db" {
  image  = "odd/db:2"
  expose = ["7001"]
}

# Started once, before the first stage that needs it, and kept until the run ends.
service "my-db-2" {
  image   = "odd/db:1"
  aliases = ["my.db"]
  expose  = ["7000"]
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
  service = service.s1st-model_api

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
