# Two file systems at one path, a soft limit above the hard one, a volume below
# a file system in memory.

service "api" {
  image   = "api:1"
  expose  = ["8000"]
  tmpfs   = ["/run", "/run/:size=64M"]
  ulimits = { nofile = "2048:1024" }
}

service "other" {
  image   = "other:1"
  expose  = ["8000"]
  tmpfs   = ["/data"]
  volumes = ["data:/data"]
}

check "c" {
  service = service.api
}

check "other" {
  service = service.other
}
