# Made of docker-compose.yml by `plan init`. How little does flask.app run on, and how many users
# does it then hold?

plan "old-flask" {
  language = 1
}

image "flask-app" {
  source = "old-flask-flask.app"
  pull   = "never" # it is built, and in no registry
}

# What is tested: every trial starts it anew.
# - build: a plan builds nothing: run `docker compose build flask.app` before, which makes
#   old-flask-flask.app (docker-compose 1 makes old-flask_flask.app)
# - memswap_limit: swap is never added to the memory
# - restart: always is left out: a restart would hide that the container was killed
service "flask-app" {
  image       = image.flask-app
  working_dir = "/srv"
  user        = "1000:1000"
  aliases     = ["flask.app", "flask"]
  expose      = ["5000"]
  ports       = ["80:5000"]
  depends_on  = [service.mongo]

  environment = {
    CALLBACK  = "http://flask:5000/done"
    MONGO_URL = "mongodb://database:27017/flask"
  }

  limits {
    memory = "700M"
    cpus   = 0.25
  }
}

# Started once, before the first stage that needs it, and kept until the run ends.
# - logging: a run has no use for it
service "mongo" {
  image   = "mongo:4.4"
  aliases = ["database"]
  expose  = ["27017"] # the usual port of such a service: the Compose file names none
  volumes = ["/srv/mongo:/data/db"]
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
  service = service.flask-app

  vary "memory" {
    # Around the 700M that the Compose file gives it.
    from = "150M"
    to   = "1400M"
    step = "50M"
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
  service = service.flask-app
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
