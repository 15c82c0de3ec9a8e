# Written by `plan init` from docker-compose.yml. How little memory does flask.app need, and how
# many users does it sustain with that?

plan "old-flask" {
  language = 1
}

image "flask-app" {
  source = "old-flask-flask.app"
  pull   = "never" # it is built locally

  build {
    context = "."
  }
}

# The service under test: every trial starts a new container.
# - build: ./Dockerfile does not exist, so its image cannot be built: create it, or correct the
#   Compose file
# - restart: always is left out: a restart would hide that the container was killed
# - memswap_limit: left out: containers get no swap
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

# Starts once, before the first stage that needs it, and keeps its state until the run ends.
# - volumes: /srv/mongo does not exist here, and a run does not create it: create it before the run,
#   with data that the stack has there
# - logging: left out: a run does not need it
service "mongo" {
  image   = "mongo:4.4"
  aliases = ["database"]
  expose  = ["27017"] # the usual port of such a service: the Compose file names none
  volumes = ["/srv/mongo:/data/db"]
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
  service = service.flask-app

  vary "memory" {
    # Around the 700M of the Compose file.
    from = "50M"
    to   = "1400M"
    step = "50M"
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
