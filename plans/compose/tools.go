package compose

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// role is the part that a service plays beside others.
type role int

const (
	unknownRole role = iota
	serverRole       // it runs a server that APIs are written for
	modelRole        // it serves models
	storeRole        // a database, a queue, a store, a registry of models
	workerRole       // it takes its work from a queue
	pageRole         // pages for people
	proxyRole        // it passes requests on
	monitorRole      // it watches others
	jobRole          // it does one thing and ends
	loadRole         // it puts a load on an API
	testRole         // it tests others
	idleRole         // it waits for a person to work in it
)

// isServer reports whether what has the role is written to serve requests.
func (r role) isServer() bool { return r == serverRole || r == modelRole }

// roleNames is what a service of a role is, for people.
var roleNames = map[role]string{
	storeRole: "a database, a queue or a store", workerRole: "a worker that gets its work from a queue",
	pageRole:  "a tool with a web UI",
	proxyRole: "a proxy", monitorRole: "a monitor", jobRole: "a job that ends", loadRole: "a load generator",
	testRole: "a test", idleRole: "a container in which nothing runs",
}

// tool is software that is known.
type tool struct {
	name string // as it stands in the table
	role role
	port int // that it serves HTTP on, or whatever it speaks; 0: none in particular
}

// ofRole are tools of one role: their names, each with its port.
func ofRole(r role, ports map[string]int) map[string]tool {
	list := map[string]tool{}
	for name, port := range ports {
		list[name] = tool{name, r, port}
	}
	return list
}

func joinTools(lists ...map[string]tool) map[string]tool {
	all := map[string]tool{}
	for _, list := range lists {
		maps.Copy(all, list)
	}
	return all
}

// products are known by the last part of an image's name, by the program that
// is run, and by how a service is called.
var products = joinTools(
	ofRole(storeRole, map[string]int{
		"postgres": 5432, "postgresql": 5432, "postgis": 5432, "pgvector": 5432, "timescaledb": 5432, "mysql": 3306,
		"mariadb": 3306,
		"mongo":   27017, "mongodb": 27017, "mssql": 1433, "redis": 6379, "redis-stack": 6379, "redis-server": 6379,
		"valkey": 6379,
		"keydb":  6379, "dragonfly": 6379, "memcached": 11211, "rabbitmq": 5672, "nats": 4222, "kafka": 9092,
		"cp-kafka": 9092,
		"redpanda": 9092, "zookeeper": 2181, "cp-zookeeper": 2181, "etcd": 2379, "consul": 8500, "vault": 8200, "minio": 9000,
		"localstack": 4566, "mlflow": 5000, "registry": 5000, "elasticsearch": 9200, "opensearch": 9200,
		"clickhouse-server": 8123,
		"clickhouse":        8123, "influxdb": 8086, "neo4j": 7687, "cassandra": 9042, "qdrant": 6333, "milvus": 19530,
		"weaviate": 8080,
		"chroma":   8000, "keycloak": 8080,
	}),
	ofRole(proxyRole, map[string]int{"nginx": 80, "traefik": 80, "haproxy": 80, "caddy": 80, "envoy": 10000,
		"kong": 8000}),
	ofRole(monitorRole, map[string]int{
		"prometheus": 9090, "alertmanager": 9093, "loki": 3100, "promtail": 0, "cadvisor": 8080,
		"node-exporter": 9100, "exporter": 0, "jaeger": 16686,
		"all-in-one": 16686, "otel": 0, "opentelemetry-collector": 0, "watchtower": 0, "evidently": 8000,
		"tempo": 3200, "pushgateway": 9091, "zipkin": 9411, "netdata": 19999, "fluentd": 0, "fluent-bit": 0, "filebeat": 0,
		"logstash": 0, "telegraf": 0, "alloy": 12345, "mimir": 8080, "pyroscope": 4040, "thanos": 10902,
		"opentelemetry-collector-contrib": 0, "otelcol": 0, "victoria-metrics": 8428, "vmagent": 8429,
		"vmalert": 8880, "uptime-kuma": 3001, "dozzle": 8080, "glances": 61208, "statsd": 0, "graphite-statsd": 80,
		"metricbeat": 0, "apm-server": 8200, "beyla": 0,
	}),
	ofRole(pageRole, map[string]int{
		"airflow": 8080, "jupyter": 8888, "jupyterlab": 8888, "jupyterhub": 8000, "notebook": 8888,
		"base-notebook": 8888, "minimal-notebook": 8888,
		"scipy-notebook": 8888, "datascience-notebook": 8888, "tensorflow-notebook": 8888, "pyspark-notebook": 8888,
		"streamlit": 8501, "gradio": 7860, "grafana": 3000, "superset": 8088, "metabase": 3000, "prefect": 4200,
		"dagster": 3000, "label-studio": 8080,
		"adminer": 8080, "pgadmin": 80, "pgadmin4": 80, "phpmyadmin": 80, "mongo-express": 8081,
		"redis-commander": 8081, "redisinsight": 5540,
		"kibana": 5601, "flower": 5555, "portainer": 9000, "portainer-ce": 9000, "mailhog": 8025, "mailpit": 8025,
		"tensorboard": 6006, "open-webui": 8080, "sonarqube": 9000, "kafka-ui": 8080, "kafdrop": 9000, "code-server": 8080,
		"openvscode-server": 3000, "vscode": 8080, "rstudio": 8787, "zeppelin": 8080, "nifi": 8443, "n8n": 5678, "jenkins": 8080,
		"gitea": 3000, "doccano": 8000, "zenml-server": 8080, "dbeaver": 8978, "cloudbeaver": 8978,
		"pgweb": 8081, "mageai": 6789, "mage-ai": 6789, "kestra": 8080, "zenml": 8080, "spark": 8080, "spark-master": 8080,
		"attu": 3000, "langfuse": 3000, "flowise": 3000, "opensearch-dashboards": 5601, "nocodb": 8080, "swagger-ui": 8080,
	}),
	ofRole(workerRole, map[string]int{"celery": 0, "rq": 0, "arq": 0, "dramatiq": 0, "huey_consumer": 0}),
	ofRole(jobRole, map[string]int{"mc": 0, "flyway": 0, "liquibase": 0, "migrate": 0, "alembic": 0, "aws-cli": 0}),
	ofRole(loadRole, map[string]int{
		"locust": 8089, "k6": 0, "jmeter": 0, "gatling": 0, "artillery": 0, "vegeta": 0, "wrk": 0, "wrk2": 0,
		"hey": 0, "oha": 0, "bombardier": 0, "siege": 0, "tsung": 0,
	}),
	ofRole(modelRole, map[string]int{
		"serving": 8501, "tritonserver": 8000, "torchserve": 8080, "vllm-openai": 8000, "mlserver": 8080,
		"text-generation-inference": 80, "text-embeddings-inference": 80, "ollama": 11434, "llama.cpp": 8080,
		"localai": 8080, "infinity": 7997, "model_server": 0,
	}),
)

// programs are known by what is run, besides products: by the program, or by it
// and its first argument.
var programs = joinTools(
	ofRole(serverRole, map[string]int{
		"uvicorn": 8000, "gunicorn": 8000, "hypercorn": 8000, "daphne": 8000, "granian": 8000, "fastapi": 8000,
		"flask": 5000, "waitress-serve": 8080, "uwsgi": 0,
		"manage.py runserver": 8000, "mlflow models": 5000, "bentoml": 3000,
	}),
	ofRole(modelRole, map[string]int{
		"tensorflow_model_server": 8501, "vllm": 8000, "vllm.entrypoints.openai.api_server": 8000,
		"sglang.launch_server": 30000,
	}),
	ofRole(testRole, map[string]int{"pytest": 0, "unittest": 0, "tox": 0}),
	ofRole(idleRole, map[string]int{"sleep infinity": 0, "tail -f": 0}),
	ofRole(pageRole, map[string]int{
		"jupyter-lab": 8888, "jupyter-notebook": 8888, "start-notebook.sh": 8888, "start-notebook.py": 8888,
	}),
	ofRole(jobRole, map[string]int{
		"manage.py migrate": 0, "manage.py collectstatic": 0, "manage.py createsuperuser": 0,
		"airflow db": 0, "airflow version": 0, "airflow users": 0, "airflow connections": 0, "airflow variables": 0,
	}),
)

// parts are what services are called that say no product.
var parts = joinTools(
	ofRole(storeRole, map[string]int{
		"db": 0, "database": 0, "cache": 0, "queue": 0, "broker": 0, "store": 0, "storage": 0, "bucket": 0,
	}),
	ofRole(workerRole, map[string]int{"worker": 0}),
	ofRole(jobRole, map[string]int{
		"migration": 0, "migrations": 0, "init": 0, "setup": 0, "seed": 0, "createbuckets": 0, "buckets": 0,
	}),
	ofRole(loadRole, map[string]int{"loadtest": 0, "loadtester": 0, "loadgenerator": 0}),
	ofRole(testRole, map[string]int{"tests": 0}),
	ofRole(monitorRole, map[string]int{"monitor": 0, "monitoring": 0, "metrics": 0, "telemetry": 0, "observability": 0}),
	ofRole(pageRole, map[string]int{"ui": 0}),
)

// queues are the stores that workers take their work from.
var queues = []string{
	"redis", "redis-stack", "redis-server", "valkey", "keydb", "dragonfly", "rabbitmq", "nats", "kafka", "cp-kafka", "redpanda",
	"queue", "broker", "localstack",
}

// owners are the tools with a database or a queue of their own, unlike those that show what
// others keep.
var owners = []string{
	"airflow", "superset", "metabase", "prefect", "dagster", "label-studio", "langfuse", "n8n", "nocodb", "mageai",
	"mage-ai", "kestra", "zenml", "zenml-server", "jupyterhub", "sonarqube", "gitea", "doccano", "open-webui", "flowise",
	"grafana", "keycloak",
}

// chores are commands that end by themselves.
var chores = []string{
	"[", "apk", "apt-get", "aws", "cat", "cd", "chmod", "chown", "cp", "createdb", "curl", "done", "dvc", "echo",
	"exit", "export", "false", "fi", "git", "ls", "mkdir", "mongosh",
	"mysql", "nc", "pg_isready", "pg_restore", "pip", "pip3", "printf", "psql", "rclone", "redis-cli", "rm",
	"s3cmd", "set", "sleep", "test", "touch", "true", "wait", "wget",
}

// settings are variables that only the software itself reads.
var settings = map[string]string{
	"AIRFLOW__": "airflow", "GF_SECURITY_": "grafana", "PGADMIN_DEFAULT_": "pgadmin",
	"STREAMLIT_SERVER_": "streamlit", "GRADIO_SERVER_": "gradio",
	"JUPYTER_": "jupyter", "LOCUST_": "locust",
}

// otherPorts are ports on which something else than HTTP is spoken.
var otherPorts = map[int]bool{
	21: true, 22: true, 25: true, 53: true, 587: true, 1433: true, 1521: true, 1883: true, 2181: true, 2379: true,
	3306: true, 4222: true, 5432: true,
	5672: true, 6379: true, 7687: true, 9042: true, 9092: true, 11211: true, 19530: true, 27017: true, 50051: true,
	50052: true,
}

// pagePorts are the usual ports of pages that are written to be shown.
var pagePorts = append([]int{80, 3000}, frontPorts...)

// frontPorts are those of pagePorts that APIs do not have.
var frontPorts = []int{4173, 4200, 5173, 7860, 8501}

var between = regexp.MustCompile(`[-_.]+`)

// words are the parts of a name.
func words(name string) []string { return between.Split(strings.ToLower(name), -1) }

// tool says what software a service is. What it runs says most; then what only
// such software is told, the image that it is or is built on, and how the
// service is called. One that speaks no HTTP on any of its ports keeps things.
func (s *project) tool(x types.ServiceConfig) tool {
	product := s.product(x)
	switch t := runningTool(x); {
	case t.role == workerRole && product.role == pageRole: // it works for that tool, not for an API
		return product
	case t.role != unknownRole:
		return t
	case product.role != unknownRole:
		return product
	}
	if t := toolNamed(x.Name); t.role != unknownRole {
		return t
	}
	if list := inside(x); len(list) > 0 && !slices.ContainsFunc(list, func(port int) bool { return !otherPorts[port] }) {
		return tool{role: storeRole, port: list[0]}
	}
	return tool{}
}

// product is the software that only its own variables or its image name.
func (s *project) product(x types.ServiceConfig) tool {
	own, read := s.own[x.Name]
	for _, name := range slices.Sorted(maps.Keys(x.Environment)) {
		if read && !slices.Contains(own, name) {
			continue // several services may share a file of variables
		}
		for prefix, product := range settings {
			if strings.HasPrefix(name, prefix) {
				return products[product]
			}
		}
	}
	// The last part of an image's name: postgres of
	// docker.io/library/postgres:16-alpine.
	image, _, _ := strings.Cut(baseImage(x), "@")
	image, _, _ = strings.Cut(path.Base(image), ":")
	image = strings.ToLower(image)
	if strings.HasSuffix(image, "exporter") { // of figures, such as bitnami/redis-exporter
		return products["exporter"]
	}
	return products[image]
}

// neutral are last words of names that say nothing of what it is.
var neutral = []string{
	"server", "service", "svc", "master", "worker", "scheduler", "webserver", "main", "primary", "node",
	"container", "tracking", "local", "dev", "prod", "test",
}

// lastWord is the last word of a name that says something; "" if none does.
func lastWord(name string) string {
	for _, word := range slices.Backward(words(name)) {
		if _, err := strconv.Atoi(word); err != nil && !slices.Contains(neutral, word) {
			return word
		}
	}
	return ""
}

// toolNamed is the tool that a service is called after: the last word of its name
// that says something decides, so that redis-api is an API, and model-db a
// database.
func toolNamed(name string) tool {
	known := joinTools(products, parts)
	if t, is := known[strings.ToLower(name)]; is {
		return t
	}
	return known[lastWord(name)]
}
