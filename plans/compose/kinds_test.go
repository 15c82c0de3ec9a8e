package compose

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var (
	exposeLine = regexp.MustCompile(`(?m)^ *expose += (\[.*?\])`)
	fileLine   = regexp.MustCompile(`(?m)^ *file += "(.*)"`)
)

// kinds are stacks in further writings of what the cases stand for: the services of
// the plan, the API first, with the ports that it exposes and its locustfile; or the
// error.
var kinds = []struct{ name, want, files, with string }{
	{"a locustfile reads its host from the environment, with a default", `infer ["9000"] locustfile.py`, `
-- compose.yaml --
services:
  api: {image: x/y, ports: ["8000:8000"]}
  infer: {image: x/z}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"], command: -f /mnt/locust/locustfile.py}
-- locustfile.py --
class U(HttpUser):
    host = os.getenv("TARGET", "http://infer:9000")
`, ""},
	{"a locustfile makes its host of variables", `infer ["9000"] locustfile.py`, `
-- compose.yaml --
services:
  api: {image: x/y, ports: ["8000:8000"]}
  infer: {image: x/z}
  locust:
    image: locustio/locust
    environment: {TARGET: infer, TARGET_PORT: "9000"}
    volumes: ["./locustfile.py:/home/locust/locustfile.py"]
    depends_on: [api, infer]
-- locustfile.py --
class U(HttpUser):
    host = f"http://{os.environ['TARGET']}:{os.environ['TARGET_PORT']}"
`, ""},
	{"and the variable is called after the host", `infer ["81"]`, `
-- compose.yaml --
services:
  api: {image: x/y, ports: ["80"]}
  infer: {image: x/z, ports: ["81"]}
  load: {image: grafana/k6, environment: {API_HOST: infer, API_PORT: "81"}}
`, ""},
	{"a shell installs Locust and starts it", `infer ["9000"] locustfile.py`, `
-- compose.yaml --
services:
  a: {image: x/y, ports: ["8000:8000"]}
  infer: {image: x/z, ports: ["9000:9000"]}
  load:
    image: python:3.12
    command: sh -c "pip install locust && locust -f /w/locustfile.py --headless -u 10 --host http://infer:9000"
    volumes: ["./:/w"]
-- locustfile.py --
`, ""},
	{"the entrypoint is Locust", `infer ["9000"]`, `
-- compose.yaml --
services:
  infer: {image: x/z}
  b: {image: x/b, ports: ["80"]}
  load: {image: me/tester, entrypoint: ["locust", "-H", "http://infer:9000"]}
`, ""},
	{"Locust reads a configuration of another name", `infer ["7000"] load/l.py`, `
-- compose.yaml --
services:
  infer: {image: x/z}
  b: {image: x/b, ports: ["80"]}
  load: {image: locustio/locust, volumes: ["./load:/mnt/locust"], command: --config=/mnt/locust/my.conf}
-- load/my.conf --
locustfile = /mnt/locust/l.py
host = http://infer:7000
-- load/l.py --
`, ""},
	{"Locust reads locust.conf of its build folder", `infer ["7000"] load/l.py`, `
-- compose.yaml --
services:
  infer: {image: x/z}
  b: {image: x/b, ports: ["80"]}
  locust: {build: ./load}
-- load/locust.conf --
locustfile = l.py
host = http://infer:7000
-- load/l.py --
`, ""},
	{"one of equal services behind a proxy, each with a name", `api1 ["8000"]`, `
-- compose.yaml --
services:
  api1: {build: ., environment: {ID: a}}
  api2: {build: ., environment: {ID: b}}
  nginx: {image: nginx, ports: ["80:80"], volumes: ["./nginx.conf:/etc/nginx/nginx.conf"]}
-- nginx.conf --
upstream u { server api1:8000; server api2:8000; }
-- Dockerfile --
FROM python:3.12
EXPOSE 8000
CMD ["uvicorn", "m:a"]
`, ""},
	{"a page that a Dockerfile tells", `backend ["8000"]`, `
-- compose.yaml --
services:
  backend: {build: ./backend, ports: ["8000:8000"]}
  app: {build: ./app, ports: ["8501:8501"], depends_on: [backend]}
-- backend/Dockerfile --
FROM python
CMD uvicorn main:app --host 0.0.0.0 --port 8000
-- app/Dockerfile --
FROM python
CMD ["streamlit", "run", "app.py"]
`, ""},
	{"Airflow's own workers take no work from an API", `fastapi ["8800"]`, `
-- compose.yaml --
x-airflow: &a
  image: apache/airflow:2.6.0
  environment: {AIRFLOW__CORE__EXECUTOR: CeleryExecutor, AIRFLOW__CELERY__BROKER_URL: "redis://:@redis:6379/0"}
  depends_on: [redis]
services:
  redis: {image: redis}
  airflow-webserver: {<<: *a, command: webserver, ports: ["8080:8080"]}
  airflow-worker: {<<: *a, command: celery worker}
  fastapi: {build: ./api, ports: ["8800:8800"]}
`, ""},
	{"Locust has a folder of its own below that of the API", `infer db ["9000"] load/tests/l.py`, `
-- docker-compose.yml --
services:
  infer: {image: x/z, depends_on: [db]}
  db: {image: postgres}
-- load/compose.yaml --
services:
  locust: {build: ., volumes: ["./tests:/mnt/locust"], command: "-f /mnt/locust/l.py -H http://infer:9000"}
-- load/tests/l.py --
-- load/Dockerfile --
FROM locustio/locust
`, ""},
	{"Locust has a folder of its own beside that of the API, on one network", `infer ["9000"] load/l.py`, `
-- api/docker-compose.yaml --
services:
  infer: {image: x/z, networks: [n]}
networks: {n: {name: shared}}
-- ui/docker-compose.yaml --
services:
  page: {image: x/p, ports: ["80"]}
-- load/compose.yaml --
services:
  locust: {image: locustio/locust, volumes: ["./l.py:/l.py"], environment: [LOCUST_LOCUSTFILE=/l.py], command: --host=http://infer:9000, networks: [other]}
networks: {other: {name: shared, external: true}}
-- load/l.py --
`, ""},
	{"no network leads from Locust to what a folder beside has", `error: load/compose.yaml has no API, only locust; locust sends requests to http://infer:9000: add the file that has it: plan init --from api/docker-compose.yaml --from load/compose.yaml`, `
-- api/docker-compose.yaml --
services:
  infer: {image: x/z, networks: [n]}
networks: {n: {}}
-- load/compose.yaml --
services:
  locust: {image: locustio/locust, command: --host=http://infer:9000, networks: [n]}
networks: {n: {}}
`, ""},
	{"a port of this machine is none of a folder beside for sure", `error: load/compose.yaml has no API, only locust; locust sends requests to http://localhost:8000: add the file that has it: plan init --from api/docker-compose.yaml --from load/compose.yaml`, `
-- api/docker-compose.yaml --
services:
  infer: {image: x/z, ports: ["8000:8000"]}
-- load/compose.yaml --
services:
  locust: {image: locustio/locust, command: --host=http://localhost:8000, network_mode: host}
`, ""},
	{"the repository ends at the folder of Locust", `error: load/compose.yaml has no API, only locust; locust sends requests to http://infer:9000: add the file that has it: plan init --from api/docker-compose.yaml --from load/compose.yaml`, `
-- api/docker-compose.yaml --
services:
  infer: {image: x/z, networks: [n]}
networks: {n: {name: shared}}
-- load/.git/HEAD --
-- load/compose.yaml --
services:
  locust: {image: locustio/locust, command: --host=http://infer:9000, networks: [n]}
networks: {n: {name: shared, external: true}}
`, ""},
	{"the folder above is another repository", `error: load/compose.yaml has no API, only locust; locust sends requests to http://infer:9000: add the file that has it: plan init --from compose.yml --from load/compose.yaml`, `
-- compose.yml --
services:
  infer: {image: x/z}
-- load/.git --
gitdir: elsewhere
-- load/compose.yaml --
services:
  locust: {image: locustio/locust, command: --host=http://infer:9000}
`, ""},
	{"the folder beside is another repository", `error: load/compose.yaml has no API, only locust; locust sends requests to http://infer:9000: add the file that has it: plan init --from api/docker-compose.yaml --from load/compose.yaml`, `
-- api/.git/HEAD --
-- api/docker-compose.yaml --
services:
  infer: {image: x/z, networks: [n]}
networks: {n: {name: shared}}
-- load/compose.yaml --
services:
  locust: {image: locustio/locust, command: --host=http://infer:9000, networks: [n]}
networks: {n: {name: shared, external: true}}
`, ""},
	{"of several files with the API the one is taken that Compose reads", `fastapi ["8000"]`, `
-- docker-compose.yaml --
services:
  fastapi: {image: x, ports: ["8000:8000"]}
-- docker-compose-replicas.yaml --
services:
  fastapi: {image: x, ports: ["8000"], deploy: {replicas: 3}}
-- load/.git/HEAD --
-- locust.yaml --
services:
  locust: {image: locustio/locust, command: --host=http://fastapi:8000}
`, ""},
	{"else each is named", `error: locust.yaml has no API, only locust; locust sends requests to http://fastapi:8000: add the file that has it: plan init --from api.yaml or replicas.yaml --from locust.yaml`, `
-- api.yaml --
services:
  fastapi: {image: x, ports: ["8000:8000"]}
-- replicas.yaml --
services:
  fastapi: {image: x, ports: ["8000"], deploy: {replicas: 3}}
-- locust.yaml --
services:
  locust: {image: locustio/locust, command: --host=http://fastapi:8000}
`, ""},
	{"a named file of Locust keeps its folder", `infer ["9000"] apart/tests/l.py`, `
-- compose.yaml --
services:
  infer: {image: x/z}
-- apart/load.yaml --
services:
  locust: {image: locustio/locust, volumes: ["./tests:/mnt/locust"], command: "-f /mnt/locust/l.py -H http://infer:9000"}
-- apart/tests/l.py --
`, "apart/load.yaml"},
	{"another named file does not, as in Compose", `infer ["9000"] tests/l.py`, `
-- compose.yaml --
services:
  infer: {image: x/z}
-- apart/load.yaml --
services:
  infer: {environment: {A: b}}
  locust: {image: locustio/locust, volumes: ["./tests:/mnt/locust"], command: "-f /mnt/locust/l.py -H http://infer:9000"}
-- tests/l.py --
`, "apart/load.yaml"},
	{"a file of Locust beside tells which of several services is the API", `fastapi ["8081"]`, `
-- compose.yaml --
services:
  fastapi: {image: me/inference}
  random-data-api: {build: ./data, ports: ["8001:8001"]}
-- compose.locust.yaml --
services:
  locust: {image: locustio/locust, environment: ["LOCUST_HOST=http://fastapi:8081"]}
`, ""},
	{"so does one in a folder below", `fastapi ["8081"]`, `
-- compose.yaml --
services:
  fastapi: {image: me/inference}
  random-data-api: {build: ./data, ports: ["8001:8001"]}
-- locust/docker-compose.yml --
services:
  locust: {image: locustio/locust, command: "--host=http://fastapi:8081"}
`, ""},
	{"what puts work into a queue, or works for a database, is no worker of an API", `api db redis worker ["80"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["80"], depends_on: [db, redis]}
  worker: {image: x, command: celery -A t worker, depends_on: [db, redis]}
  beat: {image: x, command: celery -A t beat, depends_on: [db, redis]}
  etl-worker: {image: y, command: python -m rq.worker etl, environment: {URL: "postgres://db/x"}}
  db: {image: postgres}
  redis: {image: redis}
`, ""},
	{"the usual port of a server counts only where nothing else says one", `api ["8989"]`, `
-- compose.yaml --
services:
  api: {image: x, command: uvicorn main:app --port 8989}
`, ""},
	{"and where nothing does", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, command: uvicorn main:app}
`, ""},
	{"the API is in a profile that is not active, as is what it depends on", `api db ["8000"]`, `
-- compose.yaml --
services:
  db: {image: postgres, profiles: [app]}
  redis: {image: redis}
  api: {image: x, profiles: [app], ports: ["80:8000"], depends_on: [db]}
`, ""},
	{"an active service is the API, whatever is in a profile", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:8000"]}
  other-api: {image: y, profiles: [app], ports: ["81:8000"]}
`, ""},
	{"a load generator sends its requests to a service whose profile is not active", `api db ["8000"]`, `
-- compose.yaml --
services:
  db: {image: postgres, profiles: [serve]}
  api: {image: x, profiles: [serve], depends_on: [db]}
  other: {image: z, profiles: [serve], ports: ["81:81"]}
  frontend: {image: node, ports: ["3000:3000"]}
  locust: {image: locustio/locust, command: "--host http://api:8000"}
`, ""},
	{"also from a file beside", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, profiles: [serve]}
  frontend: {image: node, ports: ["3000:3000"]}
-- compose.locust.yaml --
services:
  locust: {image: locustio/locust, command: "--host http://api:8000"}
`, ""},
	{"also from a file of its own", `api ["8000"]`, `
-- docker-compose.yml --
services:
  api: {image: x, profiles: [serve]}
  frontend: {image: node, ports: ["3000:3000"]}
-- compose.yaml --
services:
  locust: {image: locustio/locust, command: "--host http://api:8000"}
`, ""},
	{"an active service comes first", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x}
  api-gpu: {image: x, profiles: [gpu]}
  locust: {image: locustio/locust, command: "--host http://api:8000"}
  locust-gpu: {image: locustio/locust, profiles: [gpu], command: "--host http://api-gpu:8000"}
`, ""},
	{"one of a profile that cannot be the API is not replaced", `error: locust sends requests to ui, which is a tool with a web UI: name it, or another service, with --service`, `
-- compose.yaml --
services:
  ui: {image: x, command: gradio app.py, profiles: [serve]}
  frontend: {image: node, ports: ["3000:3000"]}
  locust: {image: locustio/locust, command: "--host http://ui:7860"}
`, ""},
	{"the port of a Dockerfile belongs to its own command", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {build: .}
  scheduler: {build: ., command: python -m app.scheduler}
-- Dockerfile --
FROM python
EXPOSE 8000
CMD ["./start"]
`, ""},
	{"a test is no API", `model ["3000"]`, `
-- compose.yaml --
services:
  model: {image: x, ports: ["3000:3000"]}
  unit-tests: {image: y, ports: ["8000:8000"]}
  check: {image: z, command: python -m pytest tests, ports: ["8001:8001"]}
`, ""},
	{"a container to work in is no API", `model ["3000"]`, `
-- compose.yaml --
services:
  dev: {image: x, command: sleep infinity, ports: ["8000:8000"]}
  shell: {image: x, command: bash, ports: ["8001:8001"]}
  log: {image: x, command: tail -f /dev/null, ports: ["8002:8002"]}
  model: {image: y, ports: ["3000:3000"]}
`, ""},
	{"alone it is refused", `error: compose.yaml has no API, only dev: add the file that has it: plan init --from FILE --from compose.yaml; if one of them is the API, name it with --service`, `
-- compose.yaml --
services:
  dev: {image: x, command: sleep infinity}
`, ""},
	{"a gateway is asked, and not what it passes requests to", `gateway sidecar engine ["8000"]`, `
-- compose.yaml --
services:
  engine: {image: x, command: uvicorn e:app --port 8080}
  sidecar: {image: x, command: uvicorn s:app --port 8001}
  gateway: {image: x, command: uvicorn g:app, environment: {ENGINE_URL: "http://engine:8080"}, depends_on: [sidecar]}
`, ""},
	{"it depends on what names it in a shared file of variables", `model-api features ["8000"]`, `
-- compose.yaml --
services:
  features: {image: x, ports: ["8001:8001"], env_file: .env}
  model-api: {image: y, ports: ["8000:8000"], env_file: .env, depends_on: [features]}
-- .env --
MODEL_URL=http://model-api:8000
`, ""},
	{"a worker that calls the API back", `api redis worker ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [redis]}
  worker: {image: x, command: celery -A t worker, environment: {API_URL: "http://api:8000", BROKER: "redis://redis:6379"}}
  redis: {image: redis}
`, ""},
	{"a worker that the file starts after the API", `api redis worker ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {CELERY_BROKER_URL: "redis://redis:6379/0"}, depends_on: [redis]}
  worker: {image: x, command: celery -A tasks worker, environment: {CELERY_BROKER_URL: "redis://redis:6379/0"}, depends_on: [redis, api]}
  redis: {image: "redis:7"}
  dashboard: {image: x, command: celery flower, ports: ["5555:5555"], depends_on: [worker, redis]}
`, ""},
	{"a worker that starts after what starts after the API", `api mq ml-worker ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [mq]}
  page: {image: y, ports: ["3000:3000"], depends_on: [api]}
  ml-worker: {image: z, command: python take.py, depends_on: [page, mq]}
  mq: {image: rabbitmq}
`, ""},
	{"a worker that its command does not show", `api queue celeryworker ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {BROKER_URL: "redis://queue:6379/0"}}
  celeryworker: {build: ./w, environment: {BROKER_URL: "redis://queue:6379/0"}, depends_on: [queue]}
  queue: {image: "redis:7"}
-- w/Dockerfile --
FROM python
CMD ["bash", "/worker-start.sh"]
`, ""},
	{"services that have the names of the API's queues", `api redis det-1 det-2 ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], env_file: .env}
  det-1: {image: y, env_file: .env}
  det-2: {image: z, env_file: .env, restart: on-failure}
  bot: {image: b, environment: {REDIS_HOST: redis}}
  admin-ui: {image: a, ports: ["8001:8001"], env_file: .env}
  task-scheduler: {image: c, env_file: .env}
  redis: {image: redis}
  locust: {image: locustio/locust, command: "-H http://api:8000"}
-- .env --
REDIS_HOST=redis
SERVER_PORT=80
IMAGE_QUEUE_A=images
`, ""},
	{"a worker of another queue is left out", `api redis ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [redis]}
  ml-worker: {image: z, command: python take.py, depends_on: [mq]}
  mq: {image: rabbitmq}
  redis: {image: redis}
`, ""},
	{"a monitor is no helper, nor what it watches", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {PROMETHEUS_HOST: "http://prometheus:9090", OTEL_EXPORTER_OTLP_ENDPOINT: "http://tracer:4317"}}
  prometheus: {image: prom/prometheus, volumes: ["./prometheus.yml:/etc/prometheus/prometheus.yml:ro"]}
  node-exporter: {image: prom/node-exporter}
  tracer: {image: jaegertracing/all-in-one}
-- prometheus.yml --
scrape_configs: [{job_name: a, static_configs: [{targets: ["node-exporter:9100"]}]}]
`, ""},
	{"unless the file says that it is", `api prometheus ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {PROMETHEUS_HOST: "http://prometheus:9090"}, depends_on: [prometheus]}
  prometheus: {image: prom/prometheus, volumes: ["./prometheus.yml:/etc/prometheus/prometheus.yml:ro"]}
  kafka: {image: kafka}
-- prometheus.yml --
static_configs: [{targets: ["kafka:9092"]}]
`, ""},
	{"what a monitor scrapes is named by any folder", `api spark ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [spark]}
  spark: {image: y, volumes: ["./conf:/conf"]}
  kafka: {image: kafka}
-- conf/prometheus.yml --
scrape_configs:
  - job_name: kafka
    static_configs: [{targets: ["kafka:9092"]}]
`, ""},
	{"a team's own monitor that the API calls is needed", `api drift-monitor ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {DRIFT_URL: "http://drift-monitor:9000"}}
  drift-monitor: {image: y}
`, ""},
	{"the port to which a proxy passes requests", `api ["80", "8888"]`, `
-- compose.yaml --
services:
  proxy: {image: "traefik:v2.2", ports: ["80:80"]}
  api:
    image: x
    ports: ["8989:8888"]
    labels: [traefik.enable=true, traefik.http.services.api.loadbalancer.server.port=80]
`, ""},
	{"the port of the base image", `api ["80", "8888"]`, `
-- compose.yaml --
services:
  api: {build: ., ports: ["8989:8888"], command: /start-reload.sh}
-- Dockerfile --
FROM tiangolo/uvicorn-gunicorn-fastapi:python3.8
`, ""},
	{"unless it is told another one", `api ["8888"]`, `
-- compose.yaml --
services:
  api: {build: ., ports: ["8989:8888"], environment: {PORT: "8888"}}
-- Dockerfile --
FROM tiangolo/uvicorn-gunicorn-fastapi:python3.8
`, ""},
	{"or the command is another one", `api ["8888"]`, `
-- compose.yaml --
services:
  api: {build: ., ports: ["8989:8888"]}
-- Dockerfile --
FROM tiangolo/uvicorn-gunicorn-fastapi:python3.8
CMD ["python", "main.py"]
`, ""},
	{"what the file starts first is started first, whatever is found", `api init mlflow ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [init, mlflow]}
  mlflow: {image: y, command: mlflow server --host 0.0.0.0, ports: ["5000:5000"], depends_on: [init]}
  init: {image: apache/airflow, command: db migrate, environment: {MLFLOW_TRACKING_URI: "http://mlflow:5000"}}
`, ""},
	{"also of stores that name each other", `api minio init mlflow ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [mlflow]}
  mlflow: {image: y, command: mlflow server, environment: {S3: "http://minio:9000"}, depends_on: [init]}
  minio: {image: minio/minio, environment: {HOOK: "http://mlflow:5000"}}
  init: {image: apache/airflow, command: db migrate, environment: {S3: "http://minio:9000"}}
`, ""},
	{"also over several steps", `api c b a ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [a]}
  a: {image: redis, depends_on: [b]}
  b: {image: postgres, depends_on: [c]}
  c: {image: y, environment: {A_URL: "redis://a", B_URL: "postgres://b"}}
`, ""},
	{"configuration in a mounted folder and in configs of Compose", `api db mq s3 ["8000"]`, `
-- compose.yaml --
services:
  api:
    image: x
    ports: ["8000:8000"]
    volumes: ["./settings:/app/settings:ro"]
    configs: [named, {source: written, target: /b.ini}]
  db: {image: postgres}
  mq: {image: rabbitmq}
  s3: {image: minio/minio}
  cache: {image: redis}
  mongo: {image: mongo}
  nats: {image: nats}
  etcd: {image: etcd}
configs:
  named: {file: ./named.toml}
  written: {content: "url = http://s3:9000"}
  unused: {content: "etcd:2379"}
-- settings/app.YML --
db: postgresql://db/x
# mongo: mongo:27017
-- settings/readme.md --
redis is at cache:6379
-- settings/docker-compose.yml --
cache: cache:6379
-- settings/more/other.yml --
nats: nats:4222
-- named.toml --
queue = "amqp://mq:5672"
`, ""},
	{"the project as a whole is no configuration", `api db ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], volumes: [".:/app", "..:/all"], environment: {DB: "postgres://db/x"}}
  db: {image: postgres}
  cache: {image: redis}
-- settings.yaml --
cache: cache:6379
`, ""},
	{"a proxy has its configuration in a folder", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x}
  other: {image: z, ports: ["81:81"]}
  proxy: {image: nginx, volumes: ["./conf.d:/etc/nginx/conf.d"]}
  locust: {image: locustio/locust, command: "-H http://proxy"}
-- conf.d/default.conf --
location / { proxy_pass http://api:8000; }
`, ""},
	{"variables of a shared file do not say what a service is", `backend ["8000"]`, `
-- compose.yaml --
services:
  backend: {image: x, ports: ["8000:8000"], env_file: .env}
  pgadmin: {image: dpage/pgadmin4, ports: ["80:80"], env_file: .env}
-- .env --
PGADMIN_DEFAULT_EMAIL=a
`, ""},
	{"a web UI alone is no API", `error: compose.yaml has no API, only report-ui: add the file that has it: plan init --from FILE --from compose.yaml; if one of them is the API, name it with --service`, `
-- compose.yaml --
services:
  report-ui: {build: ., ports: ["8000:8000"]}
`, ""},
	{"a fixed address is the name of its service", `api s3 ["8000"]`, `
-- compose.yaml --
services:
  api:
    {image: x, ports: ["8000:8000"], networks: [n], environment: ["S3_URL=http://172.26.0.6:9000"], command: run 10.0.0.6}
  s3: {image: quay.io/minio/minio, networks: {n: {ipv4_address: 172.26.0.6}}}
networks: {n: {ipam: {config: [{subnet: 172.26.0.0/16}]}}}
`, ""},
	{"a Dockerfile alone is a service", `model ["9000"]`, `
-- model/Dockerfile --
FROM python
EXPOSE 9000
HEALTHCHECK CMD curl -f http://localhost:9000/up
CMD ["uvicorn", "main:app", "--port", "9000"]
`, ""},
	{"a monitor of a team's own is no API", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"]}
  drift-monitor: {image: y, ports: ["8001:8001"]}
`, ""},
	{"a service that calls a server of models is asked", `web tf ["8000"]`, `
-- compose.yaml --
services:
  web: {image: x, command: python manage.py runserver 0.0.0.0:8000, ports: ["52500:8000"], depends_on: [tf]}
  tf: {image: tensorflow/serving, ports: ["8501:8501"]}
`, ""},
	{"services that call each other are both asked for", `error: more than one service of compose.yaml could be the API: name one with --service: a-api (port 8000, image x), b-api (port 8001, image y)`, `
-- compose.yaml --
services:
  a-api: {image: x, ports: ["8000"], environment: {B_URL: "http://b-api:8001"}}
  b-api: {image: y, ports: ["8001"], environment: {A_URL: "http://a-api:8000"}}
`, ""},
	{"a frontend of which nothing shows what it calls", `server ["8000"]`, `
-- compose.yaml --
services:
  server: {image: x, ports: ["8000:8000"]}
  frontend: {image: y, ports: ["3000:3000"]}
`, ""},
	{"a database that the file starts after the API that names it", `api db ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {DB_URI: "postgresql://db:5432/x"}}
  db: {image: postgres, depends_on: [api]}
`, ""},
	{"a job of a tool that is left out is left out, whatever its last command is", `api mlflow ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: [MLFLOW_TRACKING_URI=http://mlflow:5000]}
  mlflow: {image: ghcr.io/mlflow/mlflow, command: mlflow server --host 0.0.0.0}
  airflow-init:
    image: me/x
    environment: {MLFLOW_TRACKING_URI: "http://mlflow:5000"}
    command: bash -c "airflow db migrate; airflow users create --username admin || true"
  migration:
    image: apache/airflow:2.9.3
    environment: {MLFLOW_TRACKING_URI: "http://mlflow:5000"}
    command: bash -c "echo done; exit 0"
  of-its-variables:
    image: y
    environment: {AIRFLOW__CORE__EXECUTOR: LocalExecutor, MLFLOW_TRACKING_URI: "http://mlflow:5000"}
    command: bash -c "echo done"
  built-on-it:
    build: .
    environment: {MLFLOW_TRACKING_URI: "http://mlflow:5000"}
    command: bash -c "pip list; echo done"
  superset-setup: {image: y, command: ./setup.sh, environment: {MLFLOW_TRACKING_URI: "http://mlflow:5000"}}
-- Dockerfile --
FROM apache/airflow:2.9.3
`, ""},
	{"a job that only names such a tool in its work is not of it", `api db db-init ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [db]}
  db: {image: postgres}
  db-init: {image: postgres, command: bash -c "psql -h db -c 'create database airflow'; true", environment: {PGHOST: db}}
`, ""},
	{"what is named comes as what is depended on, also on an external network", `api redis cache meta_db s3 s3-init ["8000"]`, `
-- compose.yaml --
services:
  api:
    image: x
    ports: ["8000:8000"]
    environment: {DATABASE_URL: "postgresql://u:secretpw@meta_db:5432/s", S3_HOST: s3, CACHE: "redis://kept:6379"}
    depends_on: [redis]
    networks: [mon]
  meta_db: {image: "postgres:15", networks: [mon]}
  redis: {image: "redis:7", networks: [mon]}
  cache: {image: redis, container_name: kept, networks: [mon]}
  s3: {image: minio/minio, networks: [mon]}
  s3-init: {image: minio/mc, entrypoint: sh -c "mc alias set m http://s3:9000 a b; mc mb m/b", networks: [mon]}
  unnamed: {image: mongo, networks: [mon]}
networks: {mon: {external: true}}
`, ""},
	{"not what is on another network", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {DB_HOST: db}, networks: [mon]}
  db: {image: postgres, networks: [mine]}
networks: {mon: {external: true}, mine: {external: true}}
`, ""},
	{"nothing is guessed of an external network", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], networks: [mon]}
  db: {image: postgres, networks: [mon]}
networks: {mon: {external: true}}
`, ""},
	{"the file that has what is missing is named", `error: compose.backend.yaml names what only docker-compose.database.yml has: name all files: plan init --from docker-compose.database.yml --from compose.backend.yaml`, `
-- compose.backend.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [raw_db]}
-- docker-compose.database.yml --
services:
  raw_db: {image: postgres}
-- values.yml --
services: none
-- broken.yml --
services: {
`, ""},
	{"so are several, and what these lack themselves", `error: compose.backend.yaml names what only a.yml, b.yml, c.yml has: name all files: plan init --from a.yml --from b.yml --from c.yml --from compose.backend.yaml`, `
-- compose.backend.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [raw_db, cache]}
-- a.yml --
services:
  raw_db: {image: postgres}
-- b.yml --
services:
  cache: {image: redis, depends_on: {zoo: {condition: service_started}}}
-- c.yml --
services:
  zoo: {image: zookeeper}
`, ""},
	{"the file of Compose's own name comes before others", `error: compose.backend.yaml names what only docker-compose.yml has: name all files: plan init --from docker-compose.yml --from compose.backend.yaml`, `
-- compose.backend.yaml --
services:
  api: {image: x, ports: ["8000:8000"], links: [db]}
-- docker-compose.dev.yml --
services:
  db: {image: postgres}
-- docker-compose.yml --
services:
  db: {image: postgres}
`, ""},
	{"so it is of networks and volumes", `error: compose.backend.yaml names what only base.yml has: name all files: plan init --from base.yml --from compose.backend.yaml`, `
-- compose.backend.yaml --
services:
  api: {image: x, ports: ["8000:8000"], networks: [mon], volumes: ["data:/d"]}
-- base.yml --
services:
  b: {image: y}
networks: {mon: }
volumes: {data: }
`, ""},
	{"no file has it", `error: compose.backend.yaml cannot be read as a Compose file: service "api" depends on undefined service "raw_db": invalid compose project`, `
-- compose.backend.yaml --
services:
  api: {image: x, ports: ["8000:8000"], depends_on: [raw_db]}
-- other.yml --
services:
  db: {image: postgres}
`, ""},
	{"a port in its variables shows that a service serves, whatever starts it", `error: more than one service of compose.yaml could be the API: name one with --service: fast (port 81, image x), model (port 81, image y)`, `
-- compose.yaml --
services:
  fast: {image: x, entrypoint: /start.sh, env_file: .env}
  model: {image: y, env_file: .env}
-- .env --
SERVER_PORT=81
SERVER_URL=
`, ""},
	{"Airflow's own database and queue are nobody else's", `api ["8000"]`, `
-- compose.yaml --
x-air: &air
  image: apache/airflow:2.8.1
  environment:
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: postgresql+psycopg2://airflow:airflow@postgres/airflow
    AIRFLOW__CELERY__BROKER_URL: redis://:@redis:6379/0
  depends_on: [postgres, redis]
services:
  api: {image: x, ports: ["8000:8000"], volumes: ["models:/models"]}
  postgres: {image: "postgres:13"}
  redis: {image: "redis:7"}
  airflow-init: {<<: *air, command: db migrate}
  airflow-webserver: {<<: *air, command: webserver, ports: ["8080:8080"]}
volumes: {models: {}}
`, ""},
	{"that of Superset, by its configuration", `api db ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"]}
  db: {image: postgres}
  meta: {image: postgres}
  superset: {image: apache/superset, environment: {DATABASE_HOST: meta}}
`, ""},
	{"what a page shows, or a worker needs too, may be the API's", `api db mongo ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"]}
  db: {image: postgres}
  mongo: {image: mongo}
  mongo-express: {image: mongo-express, environment: {ME_CONFIG_MONGODB_URL: "mongodb://mongo"}}
  airflow: {image: apache/airflow, environment: {A_CONN: "postgres://db/a"}}
  train: {image: y, environment: {DB_URL: "postgres://db/x"}}
`, ""},
	{"an address of this machine says where its things are", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {MINIO_ENDPOINT: "http://host.docker.internal:9000"}}
  db: {image: postgres}
`, ""},
	{"or one of the network, not its own", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {S3: "http://10.43.101.1:9000", SELF: "http://0.0.0.0:8000"}}
  db: {image: postgres}
`, ""},
	{"its own address says nothing", `api db ["8000"]`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["8000:8000"], environment: {SELF: "http://127.0.0.1:8000"}}
  db: {image: postgres}
`, ""},
	{"its code names what it needs", `api db mlflow ["8000"]`, `
-- compose.yaml --
services:
  api: {build: ./app, ports: ["8000:8000"]}
  mlflow: {image: x, command: mlflow server, depends_on: [db]}
  db: {image: postgres}
  other: {image: postgres}
  airflow: {image: apache/airflow, environment: {C: "postgres://db/a", MLFLOW_TRACKING_URI: "http://mlflow:5000"}}
-- app/Dockerfile --
FROM python
COPY . .
CMD uvicorn main:app
-- app/main.py --
import mlflow_tools
mlflow.set_tracking_uri("http://mlflow:5000")
`, ""},
	{"so does code that is mounted, by another name", `api b ["8000"]`, `
-- compose.yaml --
services:
  api: {image: python, ports: ["8000:8000"], volumes: ["./src:/src"]}
  a: {image: mysql}
  b: {image: mysql, container_name: store}
-- src/db/it.py --
connect(host="store", user="a_b")
`, ""},
	{"code that names nothing needs nothing", `api ["8000"]`, `
-- compose.yaml --
services:
  api: {build: {context: ., dockerfile: Dockerfile.api}, ports: ["8000:8000"]}
  db: {image: mysql}
-- Dockerfile.api --
FROM python
COPY requirements.txt app*/*.py ./
-- app/main.py --
model = load("/models/m.pkl")
-- dags/load.py --
connect("db")
`, ""},
	{"without its code every store may be meant", `api db ["8000"]`, `
-- compose.yaml --
services:
  api: {build: ., ports: ["8000:8000"]}
  db: {image: mysql}
-- Dockerfile --
FROM python
RUN git clone https://example.com/code
`, ""},
	{"a variable without a value is named once, with the example to copy", `error: compose.yaml cannot be read: copy .env.example to .env and set these variables there: PORT (ports of api), DATA_DIR (a volume of api)`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["${PORT}:80"], volumes: ["${DATA_DIR}:/a", "${DATA_DIR}:/b"]}
-- .env.example --
PORT=80
`, ""},
	{"so is that of a name", `error: compose.yaml cannot be read: set these variables in the environment or in .env: DB_HOST (container_name of db)`, `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  db: {image: postgres, container_name: "${DB_HOST}"}
`, ""},
}

func TestKinds(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			folder := unpacked(t, k.files)
			file := "compose.yaml"
			for _, other := range []string{"load/compose.yaml", "model/Dockerfile", "compose.backend.yaml", "locust.yaml"} {
				if _, err := os.Stat(filepath.Join(folder, other)); err == nil {
					file = other
				}
			}
			files := []string{filepath.Join(folder, file)}
			if k.with != "" {
				files = append(files, filepath.Join(folder, k.with))
			}
			draft, err := Convert(t.Context(), Options{
				Files: files, Output: filepath.Join(folder, "plan.hcl"),
			})
			if err != nil {
				if got := "error: " + strings.ReplaceAll(err.Error(), folder+"/", ""); got != k.want {
					t.Errorf("%s\n%s", got, k.want)
				}
				return
			}
			got := strings.Join(draft.Services, " ")
			for _, line := range []*regexp.Regexp{exposeLine, fileLine} {
				if found := line.FindStringSubmatch(string(draft.Text)); found != nil {
					got += " " + found[1]
				}
			}
			if got != k.want {
				t.Errorf("%s, not %s\n%v", got, k.want, draft.Notes)
			}
		})
	}
}

// unpacked is a folder with the files of an archive.
func unpacked(t *testing.T, archive string) string {
	t.Helper()
	folder := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(folder, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
