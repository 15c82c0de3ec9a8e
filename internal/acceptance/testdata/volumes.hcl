# An API and a store on one volume of the engine. The API is ready only if the volume holds its
# model, the file of variables its token, and if it is the first to ask the store.

variable "image" {
  type = string
}

variable "volume" {
  type = string
}

variable "restart" {
  type = bool
}

guard {
  host_cpu_others = "100%"
}

service "store" {
  image   = var.image
  volumes = ["${var.volume}:/data"]
  expose  = ["9000"]

  command = ["/usr/bin/python3", "-c", <<-EOT
    import http.server, os

    class Store(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/hit":
                with open("/data/hits", "a") as hits:
                    hits.write("x")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(str(os.path.getsize("/data/hits") if os.path.exists("/data/hits") else 0).encode())

    http.server.ThreadingHTTPServer(("", 9000), Store).serve_forever()
    EOT
  ]
}

service "api" {
  image           = var.image
  env_file        = ["./.env"]
  volumes         = ["${var.volume}:/data:ro"]
  depends_on      = [service.store]
  restart_helpers = var.restart
  expose          = ["8000"]

  command = ["/usr/bin/python3", "-c", <<-EOT
    import http.server, os, urllib.request

    hits = int(urllib.request.urlopen("http://store:9000/hit").read())
    owner = os.stat("/data/model").st_uid
    good = (hits, owner, open("/data/model").read(), os.environ["TOKEN"][:4]) == (1, 1234, "known", "open")
    print("ready" if good else "not ready", hits, owner, os.environ["TOKEN"], flush=True)

    class API(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if good else 500)
            self.end_headers()

    http.server.ThreadingHTTPServer(("", 8000), API).serve_forever()
    EOT
  ]

  ready {
    path   = "/"
    within = "10s"
  }
}

check "first" {
  service = service.api
}

check "second" {
  service = service.api
}
