# Folders that are relative, limits that no process has, no GPU at all.

service "api" {
  image       = "api:1"
  expose      = ["8000"]
  working_dir = "srv/app"
  tmpfs       = ["run"]
  ulimits     = { nofiles = 1024 }
  gpus        = 0
}

check "c" {
  service = service.api
}
