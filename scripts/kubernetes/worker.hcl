# A worker of the sample needs 200M on the first request, and has 100M.

service "api" {
  image   = "plan-test:1"
  command = ["sample", "--memory", "20M", "--worker-memory", "200M"]
  expose  = [8000]

  limits {
    memory = "100M"
  }
}

scenario "predict" {
  request "predict" {
    method = "POST"
    path   = "/predict"
    json   = { text = "hello" }
  }
}

check "answers" {
  service = service.api

  load {
    scenario = scenario.predict
    users    = 2
    runtime  = "10s"
  }
}
