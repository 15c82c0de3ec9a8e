# Attributes of a plan that runs on Kubernetes: plan.hcl uses what only Docker has.

platform "kubernetes" {
  context       = "tests"
  namespace     = "sizing"
  node_selector = { pool = "tests" }
  tolerations   = ["pool=tests:NoSchedule"]
  pull_secret   = "registry"
  agent_image   = "registry.example.org/plan:1.0" # or "registry.example.org/plan:2.0"
}

service "api" {
  image  = "api:1.0"
  expose = [8000]
}

check "starts" {
  service = service.api
}
