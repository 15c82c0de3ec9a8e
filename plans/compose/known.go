package compose

import (
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// helper is software that stands beside an API.
type helper struct {
	port   int  // that it serves on; 0: none in particular
	beside bool // the API does not need it: it watches, or passes on
}

// helpers are known by the last part of their image's name, or by how the
// service is called.
var helpers = map[string]helper{
	"postgres": {port: 5432}, "postgresql": {port: 5432}, "postgis": {port: 5432}, "pgvector": {port: 5432}, "timescaledb": {port: 5432},
	"mysql": {port: 3306}, "mariadb": {port: 3306}, "mongo": {port: 27017}, "mongodb": {port: 27017}, "mssql": {port: 1433},
	"redis": {port: 6379}, "redis-stack": {port: 6379}, "valkey": {port: 6379}, "keydb": {port: 6379}, "dragonfly": {port: 6379},
	"memcached": {port: 11211}, "rabbitmq": {port: 5672}, "nats": {port: 4222}, "kafka": {port: 9092}, "cp-kafka": {port: 9092}, "redpanda": {port: 9092},
	"zookeeper": {port: 2181}, "cp-zookeeper": {port: 2181}, "etcd": {port: 2379}, "consul": {port: 8500}, "vault": {port: 8200},
	"minio": {port: 9000}, "mc": {}, "localstack": {port: 4566}, "mlflow": {port: 5000}, "registry": {port: 5000},
	"elasticsearch": {port: 9200}, "opensearch": {port: 9200}, "clickhouse-server": {port: 8123}, "clickhouse": {port: 8123}, "influxdb": {port: 8086},
	"neo4j": {port: 7687}, "cassandra": {port: 9042}, "qdrant": {port: 6333}, "milvus": {port: 19530}, "weaviate": {port: 8080}, "chroma": {port: 8000},
	"keycloak": {port: 8080}, "db": {}, "database": {}, "cache": {}, "queue": {}, "broker": {}, "worker": {}, "celery": {}, "migrate": {}, "migrations": {},
	"nginx": {port: 80, beside: true}, "traefik": {port: 80, beside: true}, "haproxy": {port: 80, beside: true}, "caddy": {port: 80, beside: true}, "envoy": {port: 10000, beside: true},
	"prometheus": {port: 9090, beside: true}, "grafana": {port: 3000, beside: true}, "loki": {port: 3100, beside: true}, "promtail": {beside: true}, "cadvisor": {port: 8080, beside: true},
	"node-exporter": {port: 9100, beside: true}, "jaeger": {port: 16686, beside: true}, "all-in-one": {port: 16686, beside: true}, "otel": {beside: true}, "opentelemetry-collector": {beside: true},
	"adminer": {port: 8080, beside: true}, "pgadmin": {port: 80, beside: true}, "pgadmin4": {port: 80, beside: true}, "phpmyadmin": {port: 80, beside: true}, "mongo-express": {port: 8081, beside: true},
	"redis-commander": {port: 8081, beside: true}, "redisinsight": {port: 5540, beside: true}, "kibana": {port: 5601, beside: true}, "flower": {port: 5555, beside: true},
	"portainer": {port: 9000, beside: true}, "portainer-ce": {port: 9000, beside: true}, "mailhog": {port: 8025, beside: true}, "mailpit": {port: 8025, beside: true}, "watchtower": {beside: true},
}

// generators are programs that put a load on an API.
var generators = map[string]bool{
	"locust": true, "k6": true, "jmeter": true, "gatling": true, "artillery": true, "vegeta": true, "wrk": true, "wrk2": true,
	"hey": true, "oha": true, "bombardier": true, "siege": true, "tsung": true, "loadtest": true, "loadtester": true, "loadgenerator": true,
}

// otherPorts are ports on which something else than HTTP is spoken.
var otherPorts = map[int]bool{
	21: true, 22: true, 25: true, 53: true, 587: true, 1433: true, 1521: true, 1883: true, 2181: true, 2379: true, 3306: true, 4222: true, 5432: true,
	5672: true, 6379: true, 7687: true, 9042: true, 9092: true, 11211: true, 19530: true, 27017: true,
}

// software is the last part of an image's name: postgres of
// docker.io/library/postgres:16-alpine.
func software(image string) string {
	image, _, _ = strings.Cut(image, "@")
	base := path.Base(image)
	base, _, _ = strings.Cut(base, ":")
	return strings.ToLower(base)
}

var between = regexp.MustCompile(`[-_.]+`)

// words are the parts of a name.
func words(name string) []string { return between.Split(strings.ToLower(name), -1) }

// helperOf says what software a service is, as far as its image or its own
// name tell.
func helperOf(s types.ServiceConfig) (helper, bool) {
	if h, ok := helpers[software(s.Image)]; ok {
		return h, true
	}
	if h, ok := helpers[strings.ToLower(s.Name)]; ok {
		return h, true
	}
	h, ok := helpers[words(s.Name)[0]]
	return h, ok
}

// generator is the load generator that a service is, "" for any other service.
func generator(s types.ServiceConfig) string {
	hints := []string{words(software(s.Image))[0], words(s.Name)[0]}
	if s.Build != nil {
		hints = append(hints, words(filepath.Base(s.Build.Context))[0])
	}
	for _, line := range [][]string{s.Entrypoint, s.Command} {
		if len(line) > 0 {
			hints = append(hints, path.Base(line[0]))
		}
	}
	for _, hint := range hints {
		if generators[hint] {
			return hint
		}
	}
	return ""
}
