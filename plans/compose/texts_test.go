package compose

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plan/plans/lang"
	"plan/plans/locust"
)

// texts are stacks of which parts of the plan or of its notes are compared, with spaces and lines made one space.
// The API is api. Each plan is valid, and never contains the secret hunter2.
var texts = []struct {
	name, files string
	want        []string
}{
	{"Locust is given a secret by a variable", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust:
    image: locustio/locust
    volumes: ["./:/mnt/locust"]
    command: -f /mnt/locust/locustfile.py --api-key ${API_KEY} --tags ${TAG} b --tags=${TAG} --model $$x
-- .env --
API_KEY=hunter2
TAG=smoke
-- locustfile.py --
`, []string{`args = ["--api-key", var.API_KEY, "--model", "$x"]`, `tags = [var.TAG, "b", var.TAG]`}},
	{"or in clear", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust:
    image: locustio/locust
    volumes: ["./:/mnt/locust"]
    command: -f /mnt/locust/locustfile.py --api-key hunter2
-- locustfile.py --
`, []string{`args = ["--api-key", var.locust_api_key]`}},
	{"a Dockerfile in small letters", `
-- compose.yaml --
services:
  api: {build: ./a}
-- a/dockerfile --
FROM python
EXPOSE 8123
`, []string{`dockerfile = "dockerfile"`, `expose = ["8123"]`}},
	{"a health check that no service waits for decides nothing, unless it is that of a store", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], depends_on: [mlflow, db, worker], healthcheck: {test: [CMD, curl, -f, "http://localhost/health"]}}
  mlflow: {image: y, ports: ["5000:5000"], healthcheck: {test: [CMD, curl, -f, "http://localhost:5000/api/2.0/mlflow/experiments/list"]}}
  db: {image: postgres, healthcheck: {test: [CMD, pg_isready], start_period: 200s}}
  worker: {image: x, command: celery worker, healthcheck: {test: celery inspect ping}}
`, []string{`ready { path = "/health" within`, `ready { tcp = 5000 no service waits for the health check of the Compose file within`,
		`ready { command = ["pg_isready"] within = "290s"`, "no curl", "no celery inspect", "worker healthcheck: it is left out: no service waits for it with service_healthy"}},
	{"one that a service waits for does, even if that stays behind", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], environment: {DB_HOST: db}, depends_on: {mlflow: {condition: service_healthy}}}
  mlflow: {image: y, ports: ["5000:5000"], healthcheck: {test: [CMD, curl, -f, "http://localhost:5000/health"]}}
  db: {image: postgres, healthcheck: {test: [CMD, pg_isready]}}
  airflow: {image: apache/airflow, depends_on: {db: {condition: service_healthy}}}
`, []string{`ready { path = "/health" within`, `ready { command = ["pg_isready"] within`}},
	{"helpers start again after their end, as the file says", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], restart: always, depends_on: {db: {condition: service_started}, job: {condition: service_completed_successfully}, queue: {condition: service_started}, cache: {condition: service_started}, once: {condition: service_started}}}
  db: {image: postgres, restart: always}
  queue: {image: rabbitmq, restart: "on-failure:5"}
  cache: {image: redis, restart: unless-stopped}
  once: {image: y, restart: "no"}
  job: {image: z, restart: on-failure}
`, []string{`restart = "always"`, `restart = "on-failure"`, `restart = "unless-stopped"`, `restart = "no"`,
		"api restart: always is left out: a restart would hide", "queue restart: a plan has no number of restarts: 5 is left out",
		"job restart: on-failure is left out: it is a job, which runs once", "no db restart:"}},
	{"a service that fills a database ends", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], depends_on: [db, fill, db_loader, seeder]}
  fill: {image: y, command: python load_db.py, restart: on-failure, depends_on: [db]}
  db_loader: {build: ./loader, depends_on: [db]}
  seeder: {image: z, command: sh -c "sleep 5 && python run.py", restart: "no"}
  db: {image: postgres}
`, []string{`command = ["python", "load_db.py"] depends_on = [service.db] ready { ended = true a job: exit code 0 means done`,
		`service "db_loader" { image = image.db_loader depends_on = [service.db] ready { ended`, `"sleep 5 && python run.py"] restart = "no" ready { ended`}},
	{"one that lasts does not", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], depends_on: [loader, load-router, trainer, model]}
  loader: {image: y, command: python load.py, restart: always}
  load-router: {image: z, command: python load.py}
  trainer: {image: y, expose: ["90"]}
  model: {image: y, command: python serve.py}
`, []string{"no ended = true"}},
	{"Airflow installs packages when it starts", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], depends_on: {web: {condition: service_healthy}, other: {condition: service_healthy}}}
  web:
    image: apache/airflow:2.8.1
    command: webserver
    environment: {_PIP_ADDITIONAL_REQUIREMENTS: "pandas scikit-learn"}
    healthcheck: {test: [CMD, curl, --fail, "http://localhost:8080/health"], retries: 5, start_period: 30s}
  other: {image: apache/airflow, command: webserver, environment: {_PIP_ADDITIONAL_REQUIREMENTS: ""}, healthcheck: {test: [CMD, "true"]}}
`, []string{`within = "300s" it installs _PIP_ADDITIONAL_REQUIREMENTS at its start`, `within = "90s" the health check's`}},
	{"a wait is no download", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], command: sh -c "sleep 15 && uvicorn main:app", depends_on: [loop, load, pip]}
  loop: {image: x, command: sh -c "until curl -f http://api; do sleep 1; done; python a.py"}
  load: {image: x, command: sh -c "curl -O http://x/m.bin; python a.py"}
  pip: {image: x, command: sh -c "sleep 5; pip install x; python a.py"}
`, []string{`within = "300s" it waits at its start`,
		`service "loop" { image = "x" command = ["sh", "-c", "until curl -f http://api; do sleep 1; done; python a.py"] ready { within = "300s" it waits`,
		`http://x/m.bin; python a.py"] ready { within = "300s" it installs or downloads`, `python a.py"] ready { within = "300s" it installs or downloads`}},
	{"files of secrets and configs are mounted", `
-- compose.yaml --
services:
  api:
    image: x
    ports: ["80:80"]
    secrets: [jwt, {source: key, target: /etc/key.pem}, {source: given, target: t}, of_env]
    configs: [app, {source: app, target: /etc/app.ini}, written]
secrets: {jwt: {file: ./secrets/jwt}, key: {file: ../key.pem}, given: {file: ./g}, of_env: {environment: SET}}
configs: {app: {file: ./app.ini}, written: {content: "a"}}
-- secrets/jwt --
hunter2
`, []string{`volumes = ["./secrets/jwt:/run/secrets/jwt:ro", "../key.pem:/etc/key.pem:ro", "./g:/run/secrets/t:ro", "./app.ini:/app:ro", "./app.ini:/etc/app.ini:ro"]`,
		"api secrets: of_env is left out:", "api configs: written is left out:", "no api secrets: jwt"}},
	{"nothing is asked of a job", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], depends_on: {init: {condition: service_completed_successfully}}}
  init: {image: apache/airflow, command: db migrate}
`, []string{`command = ["db", "migrate"] ready { ended`}},
	{"Locust has options and variables that the plan sets, in part", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust:
    image: locustio/locust
    volumes: ["./:/mnt/locust"]
    command: -f /mnt/locust/locustfile.py --reset-stats --html out.html --model iris
    environment:
      LOCUST_RESET_STATS: "true"
      LOCUST_STOP_TIMEOUT: 5
      LOCUST_TAGS: "[smoke, ${TAG}]"
      LOCUST_CSV: out
      LOCUST_EXCLUDE_TAGS: slow
-- .env --
TAG=fast
-- locustfile.py --
`, []string{`environment = { LOCUST_EXCLUDE_TAGS = "slow" }`, `args = ["--model", "iris"] tags = ["smoke", var.TAG]`}},
	{"a variable has one tag", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"], environment: {LOCUST_TAGS: "a b"}}
-- locustfile.py --
`, []string{`tags = ["a b"]`}},
	{"or be overridden by those of the command", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"], command: -T b, environment: {LOCUST_TAGS: a}}
-- locustfile.py --
`, []string{`tags = ["b"]`}},
	{"or to a shell that starts it", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust:
    image: locustio/locust
    volumes: ["./:/mnt/locust"]
    entrypoint: [sh, -c]
    command: ["pip install x && exec locust -f /mnt/locust/locustfile.py --api-key ${API_KEY}"]
-- .env --
API_KEY=hunter2
-- locustfile.py --
`, []string{`args = ["--api-key", var.API_KEY]`}},
	{"a variable of a command that is empty or several words", `
-- compose.yaml --
services:
  api:
    image: x
    command: serve --port 8000 ${EXTRA_ARGS} --auth ${API_TOKEN} --name ${NAME:-a b} --other ${API_TOKEN} $MORE
-- .env --
API_TOKEN=hunter2
MORE=-v -w
`, []string{`"serve", "--port", "8000", "--auth", var.API_TOKEN, "--name", "a", "b", "--other", var.API_TOKEN, "-v", "-w"]`}},
	{"or both, in as many words", `
-- compose.yaml --
services:
  api: {image: x, command: "serve $EMPTY ${API_TOKEN} $MORE"}
-- .env --
API_TOKEN=hunter2
MORE=-v -w
`, []string{`command = ["serve", var.API_TOKEN, "-v", "-w"]`}},
	{"a command of which it is not known where its words are from", `
-- compose.yaml --
services:
  api:
    image: x
    command: serve ${A:+a b} --auth ${API_TOKEN} --url=http://u:${API_TOKEN}@h ${B_SECRET:+b} x-hunter2-x db-hunter2
    environment: {B_SECRET: db-hunter2}
-- .env --
API_TOKEN=hunter2
B_SECRET=more
A=1
`, []string{`["serve", "a", "b", "--auth", var.API_TOKEN, "--url=http://u:${var.API_TOKEN}@h", "b", "x-${var.API_TOKEN}-x", var.B_SECRET]`}},
	{"arguments of a build", `
-- compose.yaml --
services:
  api:
    image: x
    build: {context: ., args: {GH_PAT: "${GITHUB_TOKEN}", PLAIN: "${VERSION}", LITERAL_KEY: hunter2, NUMBER: 5, VERSION: }}
  db:
    image: postgres
    build: {context: ., args: ["GH_PAT=${GITHUB_TOKEN}", GITHUB_TOKEN]}
-- .env --
GITHUB_TOKEN=hunter2
VERSION=3
-- Dockerfile --
FROM x
`, []string{`args = { GH_PAT = var.GITHUB_TOKEN, LITERAL_KEY = var.LITERAL_KEY, NUMBER = "5", PLAIN = var.VERSION, VERSION = var.VERSION }`,
		`args = { GH_PAT = var.GITHUB_TOKEN, GITHUB_TOKEN = var.GITHUB_TOKEN }`}},
	{"what else a build and an entrypoint have of variables", `
-- compose.yaml --
services:
  api:
    image: x
    entrypoint: run ${MODE}
    build: {context: ., target: "${STAGE}", args: {VERSION: "${VERSION}"}}
-- .env --
MODE=fast
STAGE=last
VERSION=3
-- Dockerfile --
FROM x AS last
`, []string{`entrypoint = ["run", var.MODE]`, "api build: the plan has the value that ${STAGE} had when it was written",
		"no that ${MODE} had", "no that ${VERSION} had"}},
	{"Locust's users need longer to start than the default runtime", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"], command: "-f /mnt/locust/locustfile.py -u 100 -r 1"}
-- locustfile.py --
`, []string{`users = 100 spawn_rate = "1/s" runtime = "198s" twice as long as its users need to start`}},
	{"or than the runtime that it sets", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"], command: "-f /mnt/locust/locustfile.py -u 1000 -r 1 -t 5m"}
-- locustfile.py --
`, []string{`users = 1000 spawn_rate = "1/s" runtime = "1998s" twice as long as its users need to start`,
		"locust : check.locust lasts 1998s instead of 5m: its 1000 users need 16m39s to start"}},
	{"a plan starts them within 10 s if nothing is set", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"], command: "-f /mnt/locust/locustfile.py -u 5000 -t 80s"}
-- locustfile.py --
`, []string{`users = 5000 runtime = "100s" twice`}},
	{"a runtime that is enough", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"], command: "-f /mnt/locust/locustfile.py -u 100 -r 10 -t 20s"}
-- locustfile.py --
`, []string{`users = 100 spawn_rate = "10/s" runtime = "20s" driver`}},
	{"a LoadTestShape of the locustfile sets the users", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"], command: "-f /mnt/locust/locustfile.py -u 10 -r 1 -t 5m --tags a"}
-- locustfile.py --
class Steps(LoadTestShape):
    pass
`, []string{`guessed = true`, `step = "100M" } load { scenario = scenario.user users = 10`, `memory = search.memory.recommended.memory } load { scenario = scenario.user runtime = "60s" }`,
		`check "locust" { service = service.api set { memory = search.memory.recommended.memory } load { driver "locust" { file = "locustfile.py" image = "locustio/locust" tags = ["a"] } } threshold`,
		"locust : check.locust runs it: its Steps sets the number of users, so search.memory and ramp.users have a scenario instead",
		"no it is Locust, the driver", "no it sets itself", "no -u", "no lasts"}},
	{"or one of a module that it imports", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {build: .}
-- Dockerfile --
FROM locustio/locust
-- locustfile.py --
from shapes.waves import Waves
-- shapes/waves.py --
class Waves(LoadTestShape):
    pass
`, []string{`load { driver "locust" { file = "locustfile.py" image = image.locust files = ["shapes/waves.py"] } }`, "its Waves sets", `image "locust"`}},
	{"or of a package", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"]}
-- locustfile.py --
from shapes import Waves
-- shapes/__init__.py --
from .waves import Waves
-- shapes/waves.py --
class Waves(LoadTestShape):
    pass
`, []string{`files = ["shapes"] } }`, "its Waves sets"}},
	{"one that is not used", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"]}
-- locustfile.py --
import shapes
-- shapes.py --
class Waves(LoadTestShape):
    pass
`, []string{`runtime = "60s" driver "locust"`, "no scenario", "no check", "it is Locust, the driver of the stages"}},
	{"members of a cluster do not wait for each other", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], environment: {BROKERS: "k1:9092"}}
  worker: {image: x, command: celery -A t worker, environment: {BROKER: "k2:9092"}}
  k1: {image: "apache/kafka", environment: {KAFKA_CONTROLLER_QUORUM_VOTERS: "1@k1:9093,2@k2:9093,3@k3:9093"}}
  k2: {image: "apache/kafka", environment: {KAFKA_CONTROLLER_QUORUM_VOTERS: "1@k1:9093,2@k2:9093,3@k3:9093"}}
  k3: {image: "apache/kafka", environment: {KAFKA_CONTROLLER_QUORUM_VOTERS: "1@k1:9093,2@k2:9093,3@k3:9093"}}
`, []string{"depends_on = [service.k1, service.k2, service.k3, service.worker]", "depends_on = [service.k2, service.k1, service.k3]",
		"api depends_on: k2 is added: k1 and k2 name each other"}},
	{"also if some depend on others by the file", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], environment: {ETCD: "http://e1:2379"}}
  e1: {image: "bitnami/etcd", command: "etcd --initial-cluster=e1=http://e1:2380,e2=http://e2:2380"}
  e2: {image: "bitnami/etcd", command: "etcd --initial-cluster=e1=http://e1:2380,e2=http://e2:2380", depends_on: [e1]}
`, []string{"depends_on = [service.e1, service.e2]", "depends_on = [service.e1] }"}},
	{"also if one is tested", `
-- compose.yaml --
services:
  api: {image: apache/kafka, ports: ["80:80"], environment: {VOTERS: "1@api:9093,2@k2:9093"}}
  k2: {image: apache/kafka, environment: {VOTERS: "1@api:9093,2@k2:9093"}}
`, []string{"depends_on = [service.k2]"}},
	{"a store and its monitor name each other", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], environment: {S3: "http://minio:9000"}}
  minio: {image: minio/minio, environment: {MINIO_PROMETHEUS_URL: "http://prometheus:9090"}}
  prometheus: {image: prom/prometheus, volumes: ["./p.yml:/etc/prometheus/prometheus.yml"]}
-- p.yml --
static_configs: [{targets: ["minio:9000"]}]
`, []string{"depends_on = [service.minio]", "no service.prometheus"}},
	{"a file of an option with =", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {image: locustio/locust, volumes: ["./:/mnt/locust"], command: "-f /mnt/locust/locustfile.py --config=/mnt/locust/locust.conf --data=x.csv --none=/mnt/other.csv"}
-- locustfile.py --
-- locust.conf --
-- x.csv --
`, []string{`args = ["--config=locust.conf", "--data=x.csv", "--none=/mnt/other.csv"]`, `files = ["locust.conf", "x.csv"]`,
		"locust command: /mnt/other.csv is not beside the locustfile"}},
	{"a shell starts Locust with quotes, on several lines, with redirections and its own variables", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust:
    image: locustio/locust
    volumes: ["./:/mnt/locust"]
    command:
      - sh
      - -c
      - |
        pip install 'locust' && # install; locust
        locust -f "/mnt/locust/locustfile.py" \
          --tags 'smoke' $$TAGS -u 50 --model "a & b" \
          --who "$${WHO}" --api-key "${API_KEY}" > out.txt 2>&1
-- .env --
API_KEY=hunter2
-- locustfile.py --
`, []string{`args = ["--model", "a & b", "--who", "$${WHO}", "--api-key", var.API_KEY]`, `tags = ["smoke", "$TAGS"]`, "users = 50",
		`locust command: "$TAGS" has a variable of the shell, which the driver does not have: write its value`, `command: "$${WHO}" has`}},
	{"or with the output of a command", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust:
    image: locustio/locust
    volumes: ["./:/mnt/locust"]
    command: [sh, -c, "locust -f /mnt/locust/locustfile.py --who \"$$(cat a; echo b)\" --model $$(cat c) --api-key ${API_KEY}"]
-- .env --
API_KEY=hunter2
-- locustfile.py --
`, []string{`args = ["--who", "$(cat a; echo b)", "--model", "$(cat c)", "--api-key", var.API_KEY]`}},
	{"a secret that is set and empty, with a fallback", `
-- compose.yaml --
services:
  api: {image: x, command: "serve --token ${API_TOKEN:-abcd}", depends_on: [db]}
  db: {image: postgres, environment: {POSTGRES_PASSWORD: "${DB_PASSWORD:-postgres}", OTHER: "${PLAIN_TOKEN}"}}
-- .env --
DB_PASSWORD=
API_TOKEN=
PLAIN_TOKEN=
`, []string{`default = env("db.POSTGRES_PASSWORD", "./compose.yaml")`, `default = env("PLAIN_TOKEN", "./.env")`,
		`default = env("API_TOKEN", "./.env") validation { condition = var.API_TOKEN != "" error_message = "API_TOKEN is empty`, "no PLAIN_TOKEN is empty",
		"values: API_TOKEN."}},
	{"or that must be set", `
-- compose.yaml --
services:
  api: {image: x, environment: {POSTGRES_PASSWORD: "${DB_PASSWORD:?set it}", MODE: "${MODE:?}", KEY: "${KEY}", KEY_AGAIN: "${KEY:?}"}}
-- .env --
DB_PASSWORD=
MODE=
KEY=
`, []string{`DB_PASSWORD is empty, which`, `MODE is empty, which`, `KEY is empty, which`, "values: DB_PASSWORD KEY MODE."}},
	{"files of variables of Locust are read when the plan is", `
-- compose.yaml --
services:
  api: {image: x, command: "run ${API_KEY}"}
  locust:
    image: locustio/locust
    volumes: ["./:/mnt/locust"]
    command: -f /mnt/locust/locustfile.py
    env_file: [.env, load.env, {path: none.env, required: false}, more.env]
    environment: {OWN: a, API_URL: "${MODE}"}
-- .env --
API_KEY=hunter2
MODE=old
OWN=b
-- load.env --
MODE=slow
USER_PASSWORD=hunter2
LOCUST_USERS=5
SET=here
COPY=$OWN
-- locustfile.py --
`, []string{`environment = { API_KEY = var.API_KEY API_URL = var.MODE_2 COPY = "b" MODE = var.MODE OWN = "a" SET = "here" USER_PASSWORD = var.USER_PASSWORD }`,
		`default = env("USER_PASSWORD", "./load.env", "./.env")`, `default = env("MODE", "./load.env", "./.env")`,
		`locust env_file: ./more.env does not exist: create it and run plan init again`, "values: ."}},
	{"a service without a health check that installs packages first", `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"], depends_on: [slow, none, fast]}
  slow: {image: python, command: sh -c "pip install x && x", ports: ["90:90"], healthcheck: {disable: true}}
  none: {image: python, command: sh -c "pip install x && x", expose: [91], healthcheck: {test: [NONE]}}
  fast: {image: python, command: x, ports: ["92:92"], healthcheck: {disable: true}}
`, []string{`ready { tcp = 90 the Compose file disables the image's health check within = "300s" it installs`,
		`ready { tcp = 91 the Compose file disables the image's health check within = "300s" it installs`,
		`ready { tcp = 92 the Compose file disables the image's health check }`}},
	{"files that cannot be read with their variables unfilled", `
-- compose.yaml --
include: ["${DIR}/other.yaml"]
x-common: &common {MODEL: "${MODEL}"}
services:
  api:
    image: x
    command: serve --auth ${API_TOKEN} --model $MODEL
    environment: {<<: *common, URL: "http://u:${API_TOKEN}@h", PLAIN: "${NAME}"}
    depends_on: [db]
-- part/other.yaml --
services:
  db: {image: postgres, command: "run ${API_TOKEN}-${MODEL}", environment: {POSTGRES_PASSWORD: "${API_TOKEN}"}}
-- .env --
DIR=part
API_TOKEN=hunter2
MODEL=iris
NAME=n
`, []string{`command = ["serve", "--auth", var.API_TOKEN, "--model", var.MODEL]`, `PLAIN = var.NAME URL = "http://u:${var.API_TOKEN}@h"`,
		`command = ["run", "${var.API_TOKEN}-iris"]`, `POSTGRES_PASSWORD = var.API_TOKEN`,
		"no iris1", ": parts that the Compose files include or extend have the current values of their variables"}},
	{"a variable that may be empty, by :- and -", `
-- compose.yaml --
services:
  api:
    image: x
    environment: {OPENAI_API_KEY: "${OPENAI_API_KEY:-}", HF_TOKEN: "${HF_TOKEN-}", MODE: "${MODE:-}", NEEDED_KEY: "${NEEDED_KEY:?}", SAME: "${NEEDED_KEY:-}", NAME: "${NAME}"}
`, []string{`default = try(env("OPENAI_API_KEY", "./.env"), "")`, `default = try(env("HF_TOKEN", "./.env"), "")`, `default = try(env("MODE", "./.env"), "")`,
		`default = env("NEEDED_KEY", "./.env")`, `default = try(env("NAME", "./.env"), "")`, "no validation", "values: NEEDED_KEY.",
		"no MODE: not set", ": NAME: not set, in the environment or in ./.env."}},
	{"a secret that may be empty, and is set", `
-- compose.yaml --
services:
  api: {image: x, environment: {API_KEY: "${API_KEY:-}", OTHER_KEY: "${OTHER_KEY:-}"}}
-- .env --
API_KEY=hunter2
OTHER_KEY=
`, []string{`default = try(env("API_KEY", "./.env"), "")`, `default = try(env("OTHER_KEY", "./.env"), "")`, "no validation", "values: ."}},
	{"an address that is set later, and a word of a command that is not", `
-- compose.yaml --
services:
  api: {image: x, command: "serve --store ${STORE} --port 8000 ${MORE:-}", environment: {DATABASE_URL: "${DATABASE_URL}"}}
`, []string{`command = ["serve", "--store", "--port", "8000"]`, "command: STORE has no value, in the environment or in .env: it is left out",
		"no MORE has", `sensitive = true default = try(env("DATABASE_URL", "./.env"), "")`, ": DATABASE_URL: not set", "values: ."}},
	{"a secret that is a number", `
-- compose.yaml --
services:
  api: {image: x, depends_on: [db]}
  db: {image: postgres, environment: {POSTGRES_PASSWORD: 123456, API_KEY: 1.5}}
`, []string{`default = env("db.POSTGRES_PASSWORD", "./compose.yaml")`, `default = env("db.API_KEY", "./compose.yaml")`, "no 123456", "values: ."}},
	{"the default of a variable of the shell", `
-- compose.yaml --
services:
  api: {image: x, depends_on: {init: {condition: service_completed_successfully}}}
  minio: {image: minio/minio, command: server /data, environment: {MINIO_ROOT_PASSWORD: "${MINIO_ROOT_PASSWORD:-hunter2}"}}
  init:
    image: minio/mc
    depends_on: [minio]
    entrypoint: ["/bin/sh", "-c", "mc alias set m http://minio:9000 $${MINIO_ROOT_USER:-me} $${MINIO_ROOT_PASSWORD:-hunter2}; mc mb m/b"]
    environment: {MINIO_ROOT_PASSWORD: "${MINIO_ROOT_PASSWORD:-hunter2}"}
`, []string{"$${MINIO_ROOT_USER:-me} $${MINIO_ROOT_PASSWORD:-${var.MINIO_ROOT_PASSWORD}}; mc mb m/b", "values: ."}},
	{"the password of a command that is a list of words", `
-- compose.yaml --
services:
  api: {image: x, depends_on: [db, graph, cache, other]}
  db:
    image: mysql
    environment: {MYSQL_ROOT_PASSWORD: hunter2}
    healthcheck: {test: ["CMD", "mysqladmin", "ping", "-u", "root", "-phunter2"]}
  graph:
    image: neo4j
    environment: ["NEO4J_AUTH=neo4j/hunter2"]
    healthcheck: {test: ["CMD", "cypher-shell", "-u", "neo4j", "-p", "hunter2", "RETURN 1"]}
  cache: {image: redis, command: [redis-server, --requirepass, "${PLAIN}"]}
  other: {image: mysql, env_file: db.env, healthcheck: {test: ["CMD", "mysqladmin", "ping", "-phunter2-of-file"]}}
-- .env --
PLAIN=hunter2-of-env
-- db.env --
MYSQL_PASSWORD=hunter2-of-file
`, []string{`command = ["mysqladmin", "ping", "-u", "root", "-p${var.MYSQL_ROOT_PASSWORD}"]`, `NEO4J_AUTH = var.NEO4J_AUTH`,
		`"neo4j", "-p", var.MYSQL_ROOT_PASSWORD`, `"--requirepass", var.PLAIN`, `default = env("PLAIN", "./.env")`,
		`command = ["mysqladmin", "ping", "-p${var.MYSQL_PASSWORD}"]`, `default = env("MYSQL_PASSWORD", "./db.env")`, "values: ."}},
	{"a password that is also a name", `
-- compose.yaml --
services:
  api: {image: x, depends_on: {init: {condition: service_completed_successfully}}}
  db:
    image: postgres
    environment: {POSTGRES_USER: airflow, POSTGRES_PASSWORD: airflow}
    healthcheck: {test: ["CMD-SHELL", "pg_isready -U airflow -d airflow"]}
  init:
    image: x
    depends_on: [db]
    command: bash -c "airflow db migrate && airflow users create --username airflow --password airflow && gosu airflow airflow version"
`, []string{`"pg_isready -U airflow -d airflow"`, `"airflow db migrate && airflow users create --username airflow --password ${var.POSTGRES_PASSWORD} && gosu airflow airflow version"`}},
	{"secrets of more names and forms", `
-- compose.yaml --
services:
  api:
    image: x
    environment: {API_KEYS: "${API_KEYS:-}", HOOK: "https://hooks.slack.com/services/T0/B0/hunter2", ARGS: "--requirepass hunter2-too", MAX_TOKENS: 100}
-- .env --
API_KEYS=hunter2
`, []string{`API_KEYS = var.API_KEYS`, `HOOK = var.HOOK`, `ARGS = var.ARGS`, `default = env("api.ARGS", "./compose.yaml")`, `MAX_TOKENS = "100"`, "values: ."}},
}

func TestTexts(t *testing.T) {
	for _, c := range texts {
		t.Run(c.name, func(t *testing.T) {
			folder := unpacked(t, c.files)
			output := filepath.Join(folder, "plan.hcl")
			draft, err := Convert(t.Context(), Options{
				Files: []string{filepath.Join(folder, "compose.yaml")}, Service: "api", Output: output, Environ: []string{"SET=else"},
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(output, draft.Text, 0o600); err != nil {
				t.Fatal(err)
			}
			var environ []string
			for _, name := range draft.Values {
				environ = append(environ, "PLAN_VAR_"+name+"=given-value")
			}
			_, diags := lang.Load(output, lang.Options{Environ: environ})
			if diags.HasErrors() {
				t.Errorf("it is not valid: %v", diags)
			}
			if _, diags := lang.Load(output, lang.Options{}); len(draft.Values) > 0 && !diags.HasErrors() {
				t.Errorf("it is valid without %s", draft.Values)
			}
			lines := strings.Fields(string(draft.Text))
			lines = slices.DeleteFunc(lines, func(word string) bool { return word == "#" })
			for _, n := range draft.Notes {
				lines = append(lines, n.Service, n.Word+":", n.Text)
			}
			slices.Sort(draft.Values)
			lines = append(lines, "values:", strings.Join(draft.Values, " ")+".")
			text := strings.NewReplacer("[ ", "[", ", ]", "]").Replace(strings.Join(lines, " "))
			for _, want := range c.want {
				without, unwanted := strings.CutPrefix(want, "no ")
				if strings.Contains(text, without) == unwanted {
					t.Errorf("want %s, in\n%s\n%v", want, draft.Text, draft.Notes)
				}
			}
			if strings.Contains(text, "hunter2") {
				t.Errorf("a secret is told:\n%s\n%v", draft.Text, draft.Notes)
			}
		})
	}
}

// A plan is valid whatever options and variables of Locust that a plan sets are in the Compose file.
func TestOptionsOfLocustThatAPlanSets(t *testing.T) {
	var words, variables []string
	for _, o := range locust.Options() {
		for _, name := range o.Names {
			words = append(words, name)
			if o.Valued {
				words = append(words, "3", name+"=4")
			}
		}
		variables = append(variables, o.Variable+`: "1"`)
	}
	folder := unpacked(t, `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust:
    image: locustio/locust
    volumes: ["./:/mnt/locust"]
    command: [sh, -c, "locust `+strings.Join(words, " ")+` -f /mnt/locust/locustfile.py"]
    environment: {`+strings.Join(variables, ", ")+`}
-- locustfile.py --
`)
	output := filepath.Join(folder, "plan.hcl")
	draft, err := Convert(t.Context(), Options{Files: []string{filepath.Join(folder, "compose.yaml")}, Service: "api", Output: output})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(output, draft.Text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, diags := lang.Load(output, lang.Options{}); diags.HasErrors() {
		t.Error(diags)
	}
	if text := string(draft.Text); !strings.Contains(text, `driver "locust"`) || strings.Contains(text, "args") ||
		strings.Contains(text, "environment") {
		t.Errorf("it has an option or a variable:\n%s", text)
	}
}

// Stages that are written elsewhere set the users, so a LoadTestShape is not their driver.
func TestStagesWrittenElsewhereHaveNoShape(t *testing.T) {
	for class, want := range map[string]string{"LoadTestShape": "", "HttpUser": `file = "locustfile.py"`} {
		folder := unpacked(t, `
-- compose.yaml --
services:
  api: {image: x, ports: ["80:80"]}
  locust: {build: .}
-- Dockerfile --
FROM locustio/locust
-- locustfile.py --
class A(`+class+`):
    pass
`)
		var driver string
		draft, err := Convert(t.Context(), Options{
			Files: []string{filepath.Join(folder, "compose.yaml")}, Output: filepath.Join(folder, "plan.hcl"),
			Stages: func(api API) []byte {
				driver = strings.Join(append(api.Driver, ""), "\n")
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		driver, _, _ = strings.Cut(driver, "\n")
		text := string(draft.Text)
		shaped := class == "LoadTestShape"
		if driver != want || draft.Driven == shaped || draft.Builds == shaped || strings.Contains(text, "scenario \"user\"") != shaped ||
			strings.Contains(text, "locust: it is Locust, and is left out: its A sets the number of users") != shaped {
			t.Errorf("%s: driver %q\n%s", class, driver, text)
		}
	}
}
