package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"plan/internal/units"
)

func TestURLs(t *testing.T) {
	for text, want := range map[string][]address{
		"curl -f http://localhost:8000/health || exit 1":   {{scheme: "http", host: "localhost", path: "/health", port: 8000}},
		"urlopen('http://127.0.0.1/up?full=1')":            {{scheme: "http", host: "127.0.0.1", path: "/up?full=1", port: 80, assumed: true}},
		"http://[::1]:9/x":                                 {{scheme: "http", host: "::1", path: "/x", port: 9}},
		"postgresql+psycopg2://me:pw@db/app":               {{scheme: "postgresql+psycopg2", host: "db", path: "/app", port: 5432, assumed: true, secret: true}},
		"s3://bucket/x":                                    {{scheme: "s3", host: "bucket", path: "/x"}},
		"http://a:1,http://b:2":                            {{scheme: "http", host: "a", port: 1}, {scheme: "http", host: "b", port: 2}},
		"nothing here: http:// or http://localhost:$PORT/": nil,
	} {
		if diff := cmp.Diff(want, urls(text), cmp.AllowUnexported(address{})); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}

func TestHostsOfAText(t *testing.T) {
	a := address{scheme: "http", host: "a", port: 80, assumed: true}
	b, asked := address{scheme: "http", host: "b", port: 1, told: true}, a
	asked.told = true
	for text, want := range map[string][]address{
		"http://a": {a}, "-H http://a": {asked}, "-H a": {asked}, "-H a --host=a": {asked},
		"-H a\nLOCUST_HOST=b:1\nhost = a": {asked, b}, "http://a -H a": {asked}, "-H http://a -H a": {asked},
		"-H http://a -H http://a": {asked}, "http://a http://a": {a},
	} {
		if diff := cmp.Diff(want, hosts(text), cmp.AllowUnexported(address{})); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}

func TestHealthChecks(t *testing.T) {
	for test, want := range map[string]string{
		"curl -f http://localhost:8000/health || exit 1":   "/health",
		"wget --spider -q http://0.0.0.0:8000":             "/",
		"python -c \"get('http://api:8000/ready')\"":       "/ready",
		"curl http://[::1]:8000/v6":                        "/v6",
		"curl -k https://localhost:8000/health":            "",
		"curl http://db:8000/health":                       "",
		"pg_isready -U app":                                "",
		"curl http://localhost:8000/${WHERE}":              "",
		"curl http://elsewhere && curl http://localhost/a": "",
		"curl -fX POST -d '{}' http://localhost/a":         "",
		"curl -f http://localhost/a | grep ok":             "/a",
		"curl -f http://localhost/a -H 'A: b'":             "",
	} {
		s := types.ServiceConfig{Name: "api", WorkloadSpec: types.WorkloadSpec{HealthCheck: &types.HealthCheckConfig{Test: []string{"CMD-SHELL", test}}}}
		if got, _ := health(s); got.path != want {
			t.Errorf("%s: %q", test, got.path)
		}
	}
}

func TestDoubtfulMemory(t *testing.T) {
	const host = 24 * units.GiB
	for _, c := range []struct {
		limits limits
		host   units.Bytes
		why    string
		meant  units.Bytes
	}{
		{limits{memory: 500 * units.GiB}, host, "500G is more than this machine has (24G): did you mean 500M?", 500 * units.MiB},
		{limits{memory: 500 * units.GiB, cpus: 0.5}, 1024 * units.GiB, "500G is unlikely: did you mean 500M?", 500 * units.MiB},
		{limits{memory: 500 * units.GiB, cpus: 64}, 1024 * units.GiB, "", 0},
		{limits{memory: 32 * units.GiB}, host, "32G is more than this machine has (24G).", 0},
		{limits{memory: 500}, host, "500b is too little for any container: did you mean 500M?", 500 * units.MiB},
		{limits{memory: 512 * units.KiB}, host, "512K is too little for any container: did you mean 512M?", 512 * units.MiB},
		{limits{memory: 9999 * units.TiB}, 0, "9999T is unlikely: did you mean 9999G?", 9999 * units.GiB},
		{limits{memory: 9999 * units.TiB}, host, "9999T is more than this machine has (24G).", 0},
		{limits{memory: 16 * units.GiB}, host, "", 0},
		{limits{}, host, "", 0},
	} {
		why, meant := c.limits.suspicion(c.host)
		if why != c.why || meant != c.meant {
			t.Errorf("%+v: %q, %v", c.limits, why, meant)
		}
	}
}

func TestReach(t *testing.T) {
	const host = 24 * units.GiB
	for memory, want := range map[units.Bytes]string{
		0:                            "100M-4000M by 100M",
		256 * units.MiB:              "25M-500M by 25M",
		500 * units.MiB:              "50M-1000M by 50M",
		1 * units.GiB:                "100M-2000M by 100M",
		2 * units.GiB:                "100M-4000M by 100M",
		16 * units.GiB:               "1G-16G by 1G",
		20 * units.MiB:               "10M-40M by 10M",
		500 * units.GiB:              "500M-4000M by 100M",
		8000 * units.GiB:             "8000M-24500M by 500M",
		15*units.GiB + 100*units.MiB: "1G-16G by 1G",
		32 * units.GiB:               "2G-24G by 2G",
	} {
		r := reachOf(limits{memory: memory}, host)
		if got := r.from.Exact() + "-" + r.to.Exact() + " by " + r.step.Exact(); got != want {
			t.Errorf("%s: %s, not %s", memory.Exact(), got, want)
		}
	}
}

func TestTemplates(t *testing.T) {
	for raw, want := range map[string]template{
		"":                 nil,
		"plain":            {{literal: "plain"}},
		"$$5 ${A}-$B_1.":   {{literal: "$5 "}, {variable: "A"}, {literal: "-"}, {variable: "B_1"}, {literal: "."}},
		"${A:-b c}${A-d}":  {{variable: "A", fallback: "b c", empty: true}, {variable: "A", fallback: "d"}},
		"${A:?why}${B?}":   {{variable: "A", demanded: true, empty: true}, {variable: "B", demanded: true}},
		"$${A}$$$A":        {{literal: "${A}$"}, {variable: "A"}},
		"x${A:-}y":         {{literal: "x"}, {variable: "A", empty: true, optional: true}, {literal: "y"}},
		"unfit ${A:+x}":    nil,
		"unfit ${A:-${B}}": nil,
		"unfit $":          nil,
		"unfit ${1}":       nil,
	} {
		got, fit := parse(raw)
		if fit == strings.HasPrefix(raw, "unfit") {
			t.Errorf("%q: fit is %v", raw, fit)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(part{})); fit && diff != "" {
			t.Errorf("%q:\n%s", raw, diff)
		}
	}
}

func TestNames(t *testing.T) {
	got := labels([]string{"a.b", "a-b", "9", "_x", strings.Repeat("y", 70), "ü"})
	want := map[string]string{"a.b": "a-b", "a-b": "a-b-2", "9": "s9", "_x": "x", strings.Repeat("y", 70): strings.Repeat("y", 63), "ü": "s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheAPIIsFound(t *testing.T) {
	const noAPI = "add the file that has it: plan init --from FILE --from FILE; if one of them is the API, name it with --service"
	for file, want := range map[string]string{
		`{a: {image: x, ports: ["80"]}, db: {image: postgres, ports: ["5432:5432"]}}`:                                                                       "a",
		`{web: {build: ., expose: ["80"]}, proxy: {image: "nginx:1", ports: ["80:80"], depends_on: [web]}}`:                                                 "web",
		`{a: {image: x, command: "serve --port 81"}, b: {image: y}}`:                                                                                        "a",
		`{a: {image: x}, locust: {image: locustio/locust, ports: ["8089"]}}`:                                                                                "a",
		`{a: {image: x, command: sh -c "sleep 5 && exec uv run uvicorn m:a"}, b: {image: y}}`:                                                               "a",
		`{redis-api: {image: me/x, ports: ["80"]}, cache: {image: me/y, ports: ["81"]}}`:                                                                    "redis-api",
		`{a: {image: me/k6_test, ports: ["80"]}, grafana: {image: grafana/grafana, ports: ["3000"]}}`:                                                       "a",
		`{serve: {image: x, command: mlflow models serve -m m}, mlflow: {image: x, command: mlflow server --port 5000, ports: ["5000"]}}`:                   "serve",
		`{a: {image: x, ports: ["80"]}, nb: {image: me/lab, command: "jupyter lab --port 8888", ports: ["8888"]}}`:                                          "a",
		`{a: {image: x, ports: ["80"]}, b: {image: me/b, environment: {AIRFLOW__CORE__EXECUTOR: LocalExecutor}, ports: ["8080"]}}`:                          "a",
		`{a: {image: x, ports: ["80"]}, train: {image: y, ports: ["81"]}, w: {image: z, depends_on: {train: {condition: service_completed_successfully}}}}`: "a",
		// What a load generator asks, in any writing.
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"]}, k6: {image: grafana/k6, depends_on: [b]}}`:                                                            "b",
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"]}, l: {image: locustio/locust, command: "-H http://b"}}`:                                                 "b",
		`{a: {image: x, ports: ["80"]}, b: {image: y}, l: {image: locustio/locust, command: "--host=b:8181"}}`:                                                              "b",
		`{a: {image: x, ports: ["80"]}, b: {image: y}, l: {image: locustio/locust, environment: {LOCUST_HOST: "http://named:8181"}}, c: {image: z, container_name: named}}`: "c",
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["9:81"]}, l: {image: locustio/locust, command: "--host http://host.docker.internal:9"}}`:                      "b",
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"]}, p: {image: nginx, depends_on: [b]}, l: {image: locustio/locust, command: "-H http://p"}}`:             "b",
		// What it asks and cannot be the API is never replaced by another service.
		`{ui: {image: x, command: streamlit run a.py, ports: ["8501"]}, trainer: {build: ., ports: ["8080"]}, l: {image: locustio/locust, command: "--host http://ui:8501"}}`:                                   "l sends requests to ui, which is a tool with a web UI: name it, or another service, with --service",
		`{ui: {image: x, command: streamlit run a.py, ports: ["8501"]}, trainer: {build: ., ports: ["8080"]}, l: {image: grafana/k6, environment: {BASE_URL: "http://ui:8501"}}}`:                               "l sends requests to ui, which is a tool with a web UI: name it, or another service, with --service",
		`{ui: {image: x, command: streamlit run a.py, ports: ["8501"]}, trainer: {build: ., ports: ["8080"]}, l: {image: grafana/k6, environment: {TARGET_HOST: ui}}}`:                                          "l sends requests to ui, which is a tool with a web UI: name it, or another service, with --service",
		`{ui: {image: x, command: streamlit run a.py, ports: ["8501"]}, trainer: {build: ., ports: ["8080"]}, p: {image: nginx, depends_on: [ui]}, l: {image: locustio/locust, command: "-H http://p"}}`:        "l sends requests to ui, which is a tool with a web UI: name it, or another service, with --service",
		`{mlflow: {image: x, command: mlflow server, ports: ["5000"]}, trainer: {build: ., ports: ["8080"]}, l: {image: locustio/locust, command: "-H http://mlflow:5000"}}`:                                    "l sends requests to mlflow, which is a database, a queue or a store: name it, or another service, with --service",
		`{mlflow: {image: x, command: mlflow server, ports: ["5000"]}, l: {image: locustio/locust, command: "-H mlflow:5000"}}`:                                                                                 "l sends requests to mlflow, which is a database, a queue or a store: name it, or another service, with --service",
		`{train: {image: x, ports: ["80"]}, a: {image: y, ports: ["81"], depends_on: {train: {condition: service_completed_successfully}}}, l: {image: locustio/locust, environment: {LOCUST_HOST: train:80}}}`: "l sends requests to train, which is a job that ends: name it, or another service, with --service",
		// Where its results go, or what it only waits for, is not what it asks.
		`{a: {image: x, ports: ["80"]}, influxdb: {image: influxdb, ports: ["8086"]}, l: {image: grafana/k6, environment: {K6_OUT: "influxdb=http://influxdb:8086/k6"}}}`:                               "a",
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"]}, influxdb: {image: influxdb}, l: {image: grafana/k6, environment: {K6_OUT: "influxdb=http://influxdb:8086/k6"}, depends_on: [b]}}`: "b",
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"]}, influxdb: {image: influxdb}, l: {image: grafana/k6, environment: {INFLUX_HOST: influxdb, TARGET_HOST: b}}}`:                       "b",
		`{a: {image: x, ports: ["80"]}, grafana: {image: grafana/grafana}, l: {image: grafana/k6, depends_on: [grafana]}}`:                                                                              "a",
		`{a: {image: x, ports: ["80"]}, grafana: {image: grafana/grafana}, l: {image: grafana/k6, environment: {GRAFANA_URL: "http://grafana:3000", TARGET_HOST: a}}}`:                                  "a",
		`{a: {image: x, ports: ["80"]}, grafana: {image: grafana/grafana}, l: {image: grafana/k6, command: "run --tag http://grafana:3000 x.js", environment: {BASE_URL: "http://a"}}}`:                 "a",
		`{a: {image: x, ports: ["80"]}, grafana: {image: grafana/grafana}, l: {image: grafana/k6, environment: {GRAFANA_URL: "http://grafana:3000"}, depends_on: [a]}}`:                                 "l sends requests to grafana, which is a tool with a web UI: name it, or another service, with --service",
		`{a: {image: x, ports: ["80"]}, p: {image: nginx}, l: {image: locustio/locust, command: "-H http://p"}}`:                                                                                        "a",
		`{a: {image: x, ports: ["80"]}, k: {image: grafana/k6}, l: {image: locustio/locust, command: "-H http://k"}}`:                                                                                   "a",
		`{a: {image: x, ports: ["80"]}, ui: {image: x, command: gradio}, l: {image: locustio/locust, command: "-H http://elsewhere:80"}}`:                                                               "a",
		`{a: {image: x, ports: ["80"]}, ui: {image: x, command: gradio}, l: {image: locustio/locust, command: "-H http://ui"}, k: {image: grafana/k6, depends_on: [a]}}`:                                "a",
		// Pages.
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"], environment: {PREDICT_URL: "http://a"}}}`:      "a",
		`{a: {image: x, ports: ["80"]}, frontend: {image: y, ports: ["8080"], depends_on: [a]}}`:                    "a",
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"], depends_on: [a]}}`:                             "more than one service of FILE could be the API: name one with --service: a (port 80, image x), b (port 81, image y)",
		`{a: {image: x, ports: ["80"]}, b: {image: y, command: uvicorn m:b, environment: {MODEL_URL: "http://a"}}}`: "more than one service of FILE could be the API: name one with --service: a (port 80, image x), b (port 8000, runs uvicorn)",
		// What calls a server of models is an API of its own, unless its command, its name or its only ports say page.
		`{rag: {image: x, ports: ["80", "8003", "8501"], environment: {OLLAMA_HOST: "http://m:11434"}, depends_on: [m]}, m: {image: ollama/ollama, ports: ["11434"]}}`:    "rag",
		`{rag: {image: x, ports: ["81"], environment: {VLLM_API_URL: "http://m:8000/v1"}, depends_on: [m]}, m: {image: vllm/vllm-openai, ports: ["8001:8000"]}}`:          "rag",
		`{rag: {image: x, ports: ["81"], environment: {OPENAI_API_BASE: "http://m:8000/v1"}}, m: {image: y, command: vllm serve a/b}}`:                                    "rag",
		`{rag: {image: x, ports: ["81"], environment: {LLM_BACKEND: "http://m:8000"}}, m: {image: nvcr.io/nvidia/tritonserver}}`:                                          "rag",
		`{rag: {image: x, ports: ["81"], environment: {API_URL: "http://m:8080"}}, m: {image: pytorch/torchserve, ports: ["8080"]}}`:                                      "rag",
		`{rag: {image: x, ports: ["81"], environment: {MODEL_A: "http://m:8080", MODEL_B: "http://n:11434"}}, m: {image: pytorch/torchserve}, n: {image: ollama/ollama}}`: "rag",
		`{chat: {image: x, ports: ["8501"], environment: {OLLAMA_API_URL: "http://m:11434"}}, m: {image: ollama/ollama, ports: ["11434"]}}`:                               "m",
		`{chat-frontend: {image: x, ports: ["81"], environment: {OLLAMA_API_URL: "http://m:11434"}}, m: {image: ollama/ollama, ports: ["11434"]}}`:                        "m",
		`{chat: {image: x, ports: ["3000"], environment: {OLLAMA_API_URL: "http://m:11434"}}, m: {image: ollama/ollama, ports: ["11434"]}}`:                               "more than one service of FILE could be the API: name one with --service: chat (port 3000, image x), m (port 11434, image ollama/ollama)",
		`{chat: {image: x, ports: ["80"], depends_on: [m]}, m: {image: ollama/ollama, ports: ["11434"]}}`:                                                                 "more than one service of FILE could be the API: name one with --service: chat (port 80, image x), m (port 11434, image ollama/ollama)",
		// A variable that names a part of a stack is of a page or of an API in front of that part.
		`{a: {image: x, ports: ["81"], environment: {MODEL_SERVER_URL: "http://b:82"}}, b: {image: y, ports: ["82"]}}`:         "more than one service of FILE could be the API: name one with --service: a (port 81, image x), b (port 82, image y)",
		`{a: {image: x, ports: ["81"], environment: {FEATURES_API_URL: "http://b-api:82"}}, b-api: {image: y, ports: ["82"]}}`: "more than one service of FILE could be the API: name one with --service: a (port 81, image x), b-api (port 82, image y)",
		`{model-api: {image: x, ports: ["81"], environment: {API_URL: "http://b:82"}}, b: {image: y, ports: ["82"]}}`:          "model-api",
		`{gateway: {image: x, ports: ["81"], environment: {INFERENCE_API: "http://b:82"}}, b: {image: y, ports: ["82"]}}`:      "gateway",
		`{a: {image: x, ports: ["81"], environment: {NEXT_PUBLIC_API_URL: "http://b:82"}}, b: {image: y, ports: ["82"]}}`:      "b",
		`{a: {image: x, ports: ["3000", "81"], depends_on: [b]}, b: {image: y, ports: ["82"]}}`:                                "more than one service of FILE could be the API: name one with --service: a (port 3000, image x), b (port 82, image y)",
		`{a: {image: x, ports: ["3000"], depends_on: [b]}, b: {image: y, ports: ["82"]}}`:                                      "b",
		// A word of a name decides only between what belongs together.
		`{web-dashboard: {image: x, ports: ["3000"], environment: {M: "mongodb://db:1/a"}}, b: {image: y, ports: ["81"]}, db: {image: mongo}}`: "more than one service of FILE could be the API: name one with --service: b (port 81, image y), web-dashboard (port 3000, image x)",
		`{dashboard: {image: x, ports: ["3000"]}, b: {image: y, ports: ["81"]}}`:                                                               "more than one service of FILE could be the API: name one with --service: b (port 81, image y), dashboard (port 3000, image x)",
		`{web: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"]}}`:                                                                       "more than one service of FILE could be the API: name one with --service: b (port 81, image y), web (port 80, image x)",
		`{client: {image: x, ports: ["3000"], depends_on: [db]}, b: {image: y, ports: ["81"]}, db: {image: postgres}}`:                         "more than one service of FILE could be the API: name one with --service: b (port 81, image y), client (port 3000, image x)",
		`{client: {image: x, ports: ["3000"]}, b: {image: y, ports: ["81"]}}`:                                                                  "b",
		// Monitors are no API, whatever else the file has.
		`{alloy: {image: "grafana/alloy:v1", command: "run /c"}, p: {image: prom/prometheus, ports: ["9090"], depends_on: [alloy]}}`: "FILE has no API, only alloy, p: " + noAPI,
		`{c: {image: otel/opentelemetry-collector-contrib}, p: {image: prom/prometheus}}`:                                            "FILE has no API, only c, p: " + noAPI,
		`{app-metrics: {build: ., ports: ["8000"], depends_on: [db]}, db: {image: postgres}}`:                                        "FILE has no API, only app-metrics, db: " + noAPI,
		`{k: {image: louislam/uptime-kuma, ports: ["3001"]}, v: {image: victoriametrics/victoria-metrics, ports: ["8428"]}}`:         "FILE has no API, only k, v: " + noAPI,
		`{w: {image: grafana/mimir}, s: {image: grafana/grafana, ports: ["3000"], depends_on: [w]}}`:                                 "FILE has no API, only s, w: " + noAPI,
		// Equal ones.
		`{a1: {image: x, command: "run --id 1", ports: ["80"]}, a2: {image: x, command: "run --id 2", ports: ["80"]}}`:                                          "a1",
		`{a1: {image: x, ports: ["80"], environment: {MODEL: iris}}, a2: {image: x, ports: ["80"], environment: {MODEL: wine}}}`:                                "more than one service of FILE could be the API: name one with --service: a1 (port 80, image x), a2 (port 80, image x)",
		`{fastapi: {image: x}, data: {image: y, ports: ["81"]}}`:                                                                                                "more than one service of FILE could be the API: name one with --service: data (port 81, image y), fastapi (no port, image x)",
		`{fastapi: {image: x}, data: {image: y}, sonarqube: {image: sonarqube, ports: ["9000"]}, l: {image: locustio/locust, command: "-H http://fastapi:80"}}`: "fastapi",
		`{a: {image: x, ports: ["80"]}, attu: {image: "zilliz/attu:v2", ports: ["3000"]}, m: {image: "me/db-exporter:1", ports: ["9187"]}}`:                     "a",
		`{encoder: {image: x, command: uvicorn m:a}, web: {image: y, command: "uwsgi --http 0.0.0.0:8080", depends_on: [encoder]}}`:                             "more than one service of FILE could be the API: name one with --service: encoder (port 8000, runs uvicorn), web (port 8080, runs uwsgi)",
		// That a service is left does not make it the API.
		`{cron: {image: mcuadros/ofelia, command: daemon --docker, depends_on: [s], volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]}, s: {image: x, command: mlflow server, ports: ["5000"]}}`: "FILE has no API, only cron, s: " + noAPI,
		`{job: {build: .}, db: {image: postgres}}`: "FILE has no API, only db, job: " + noAPI,
		`{ctl: {image: me/ctl, ports: ["9000"], volumes: ["/run/docker.sock:/var/run/docker.sock"]}, db: {image: postgres}}`:        "FILE has no API, only ctl, db: " + noAPI,
		`{ctl: {image: me/ctl, ports: ["9000"], volumes: ["/run/docker.sock:/var/run/docker.sock"]}, a: {image: x, ports: ["80"]}}`: "a",
		`{a: {image: x, command: uvicorn m:a, volumes: ["/run/docker.sock:/var/run/docker.sock"]}, db: {image: postgres}}`:          "a",
		`{model-api: {image: x}, db: {image: postgres}}`:                                                                            "model-api",
		`{a: {build: .}}`:                        "a",
		`{nginx: {image: nginx, ports: ["80"]}}`: "FILE has no API, only nginx: " + noAPI,
		`{airflow: {image: apache/airflow, ports: ["80"]}, db: {image: postgres}}`: "FILE has no API, only airflow, db: " + noAPI,
		`{a: {image: x, ports: ["5432", "53:53/udp"]}}`:                            "FILE has no API, only a: " + noAPI,
		`{l: {image: locustio/locust, command: "--host http://api:8000"}}`:         "FILE has no API, only l; l sends requests to http://api:8000: add the file that has it: plan init --from FILE --from FILE",
	} {
		path := composeFile(t, "services: "+file)
		draft, err := Convert(t.Context(), Options{Files: []string{path}, Output: "-"})
		got := ""
		if err != nil {
			got = strings.ReplaceAll(err.Error(), path, "FILE")
		} else {
			got = draft.API
		}
		if got != want {
			t.Errorf("%s:\n%s\n%s", file, got, want)
		}
	}
}

// TestAPlatformThatIsGivenNeedsNoBuildKit: a build argument with a value is set by every builder.
func TestAPlatformThatIsGivenNeedsNoBuildKit(t *testing.T) {
	for args, want := range map[string]bool{"": true, "TARGETARCH: amd64": false, "TARGETARCH:": true, "TARGETOS: linux": true} {
		file := composeFile(t, "services: {a: {build: {context: ., args: {"+args+"}}, ports: ['80']}}")
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "Dockerfile"), []byte("FROM x\nARG TARGETARCH\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		draft, err := Convert(t.Context(), Options{Files: []string{file}, Output: "-"})
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.ContainsFunc(draft.Notes, func(n Note) bool { return strings.Contains(n.Text, "BuildKit") }); got != want {
			t.Errorf("with %q: BuildKit is needed: %v", args, got)
		}
	}
}

// TestTheHostOfALocustfileIsAsked: also where a variable names the web UI that shows the results.
func TestTheHostOfALocustfileIsAsked(t *testing.T) {
	file := composeFile(t, `services: {a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"]}, grafana: {image: grafana/grafana},
  l: {image: locustio/locust, command: "-f /l/locustfile.py", volumes: ["./locustfile.py:/l/locustfile.py"],
    environment: {GRAFANA_URL: "http://grafana:3000"}}}`)
	for host, want := range map[string]string{"http://b:81": "b", "http://grafana:3000": ""} {
		text := "class U(HttpUser):\n    host = \"" + host + "\"\n"
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "locustfile.py"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := ""
		draft, err := Convert(t.Context(), Options{Files: []string{file}, Output: "-"})
		if err == nil {
			got = draft.API
		}
		if got != want {
			t.Errorf("%s: %q (%v), want %q", host, got, err, want)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for file, want := range map[string]string{
		"services: {a: {image: x, ports: ['${PORT:?which}']}}":                                   "set these variables in the environment or in .env: PORT",
		"services: {a: {image: x, ports: ['80'], user: '${U:?}'}}":                               "requires variables: set these variables in the environment or in .env: U",
		"services: {a: {imag: x}}":                                                               "services.a.imag is not known to Compose",
		"services: {a: {imag: x, ports: ['${PORT}:80']}}":                                        "services.a.imag is not known to Compose",
		"services: {a: {image: x, ports: ['80'], cpu_period: '${CPU}'}}":                         "set these variables in the environment or in .env: CPU (cpu_period of a)",
		"services: {a: {image: x, ports: ['80:${PORT}']}}":                                       "cannot be read: set these variables in the environment or in .env: PORT (ports of a)",
		"services: {a: {image: x, mem_limit: '${MEM}', shm_size: '${SHM:-1g}'}}":                 "in the environment or in .env: MEM (mem_limit of a)",
		"services: {a: {image: x, deploy: {resources: {limits: {cpus: '$CPU'}}}}}":               "in the environment or in .env: CPU (deploy of a)",
		"services: {a: {image: x}}\nnetworks: {n: {external: true, name: '${NET}'}}":             "in the environment or in .env: NET (networks)",
		"services: {a: {image: x, mem_limit: 512Mi}}":                                            `mem_limit of a is "512Mi", which Compose does not know: write 512M`,
		"services: {a: {image: x, deploy: {resources: {limits: {memory: 2 gigs, cpus: 500m}}}}}": `deploy.resources.limits.cpus of a is "500m", which Compose does not know: write 0.5; deploy.resources.limits.memory of a is "2 gigs", which Compose does not know: write a size such as 512M`,
		"services: {a: {image: x, cpus: '0,5'}}":                                                 `cpus of a is "0,5", which Compose does not know: write 0.5`,
		"services: {a: {image: x}":                                                               "cannot be read as a Compose file",
		"":                                                                                       "empty compose file",
		"services: {}":                                                                           "has no services: name another file",
		// An item without a value, at which the first reading panics.
		"services: {a: {image: x, networks: [null]}}":                                         "services.a.networks.0 must be a string",
		"services:\n  a:\n    image: x\n    depends_on:\n      - b\n      -\n  b: {image: y}": "services.a.depends_on.1 must be a string",
		"services: {a: {image: x, environment: [null]}}":                                      "services.a.environment",
		"services: {a: {image: x, volumes: [null]}}":                                          "services.a.volumes",
		"services: {a: {image: x, ports: [null]}}":                                            "services.a.ports",
		"services: {a: {image: x, expose: [null]}}":                                           "services.a.expose",
		"services: {a: {image: x, env_file: [null]}}":                                         "services.a.env_file",
		"services: {a: {image: x, command: [null]}}":                                          "services.a.command",
		"services: {a: {image: x, secrets: [null]}}":                                          "services.a.secrets",
		"services: {a: {image: x, configs: [null]}}":                                          "services.a.configs",
		"services: {a: {image: x, tmpfs: [null]}}":                                            "services.a.tmpfs",
		"services: {a: {image: x, dns: [null]}}":                                              "services.a.dns",
		"services: {a: {image: x, profiles: [null]}}":                                         "services.a.profiles",
		"services: {a: {image: x, links: [null]}}":                                            "services.a.links",
		"services: {a: {image: x, extra_hosts: [null]}}":                                      "services.a.extra_hosts",
		"services: {a: {image: x, labels: [null]}}":                                           "services.a.labels",
		"services: {a: {build: {context: ., args: [null]}}}":                                  "services.a.build.args",
		"services: {a: {image: x, healthcheck: {test: [null]}}}":                              "services.a.healthcheck",
		"services: {a: {image: x, networks: {n: {aliases: [null]}}}}\nnetworks: {n: }":        "services.a.networks.n.aliases",
		"services: {a: {image: x, ulimits: {nofile: }}}":                                      "services.a.ulimits",
		"services: {a: }":                         "services.a",
		"services: {a: {image: x, gpus: [null]}}": "services.a.gpus",
		"services: {a: {image: x, deploy: {resources: {reservations: {devices: [null]}}}}}": "services.a.deploy",
		"services: [null]":                           "services",
		"services: {a: {image: x, depends_on: [b]}}": `depends on undefined service "b"`,
	} {
		if _, err := Convert(t.Context(), Options{Files: []string{composeFile(t, file)}, Service: "a", Output: "-"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v", file, err)
		}
	}
}

func composeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheAPIThatIsNamed(t *testing.T) {
	file := composeFile(t, `services: {a: {image: x, ports: ["80"], profiles: [p], depends_on: [db]}, db: {image: postgres, profiles: [p]}, locust: {image: locustio/locust}}`)
	draft, err := Convert(t.Context(), Options{Files: []string{file}, Service: "a", Environ: []string{"COMPOSE_PROFILES=p"}, Output: "-"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "db"}, draft.Services); diff != "" {
		t.Error(diff)
	}
	if _, err = Convert(t.Context(), Options{Files: []string{file}, Service: "locust", Output: "-"}); err == nil || err.Error() != "locust is a load generator: name the service that it sends requests to" {
		t.Error(err)
	}
	draft, err = Convert(t.Context(), Options{Files: []string{file}, Service: "db", Environ: []string{"COMPOSE_PROFILES=p"}, Output: "-"})
	doubt := Note{"db", "", "it is a database, a queue or a store, not an API; it is tested because of --service"}
	if err != nil || draft.API != "db" || !slices.Contains(draft.Notes, doubt) {
		t.Errorf("%v: %v", err, draft)
	}
	waits := composeFile(t, `services: {a: {image: x, ports: ["80"]}, train: {image: y, ports: ["81"]}, w: {image: z, depends_on: {train: {condition: service_completed_successfully}}}}`)
	job := Note{"train", "", "it is a job that ends, not an API; it is tested because of --service"}
	for service, want := range map[string]bool{"train": true, "a": false, "w": false} {
		draft, err = Convert(t.Context(), Options{Files: []string{waits}, Service: service, Output: "-"})
		if err != nil {
			t.Fatal(err)
		}
		job.Service = service
		if slices.Contains(draft.Notes, job) != want {
			t.Errorf("%s: %v", service, draft.Notes)
		}
	}
	alone := composeFile(t, `services: {a: {image: x, ports: ["80"], profiles: [p]}, b: {image: y}}`)
	draft, err = Convert(t.Context(), Options{Files: []string{alone}, Service: "a", Output: "-"})
	if err != nil || draft.API != "a" {
		t.Errorf("a service whose profile is not active: %v", err)
	}
}

func TestAPortThatNothingNamesIsAGuess(t *testing.T) {
	guess := Note{"a", "ports", "nothing names a port of the API: 8000 is a guess"}
	for text, want := range map[string]Draft{
		`services: {a: {image: x}}`:                            {Port: 8000, Image: "x"},
		`services: {a: {image: x, ports: ["80"]}}`:             {Port: 80, PortKnown: true, Image: "x"},
		`services: {a: {build: ., expose: ["8000"]}}`:          {Port: 8000, PortKnown: true},
		`services: {a: {image: x, command: uvicorn m:a}}`:      {Port: 8000, PortKnown: true, Image: "x"},
		`services: {a: {image: x, environment: {PORT: "81"}}}`: {Port: 81, PortKnown: true, Image: "x"},
		`services: {a: {image: x, ports: ["80"]}, db: {image: postgres}}`: {Port: 80, PortKnown: true, Image: "x", Guesses: []string{
			"the Compose file does not state what it needs, so every store is a helper: remove those that it does not need: db"}},
	} {
		draft, err := Convert(t.Context(), Options{Files: []string{composeFile(t, text)}, Service: "a", Output: "-"})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got := Draft{Port: draft.Port, PortKnown: draft.PortKnown, Image: draft.Image, Guesses: draft.Guesses}
		if diff := cmp.Diff(want, got); diff != "" || slices.Contains(draft.Notes, guess) == want.PortKnown {
			t.Errorf("%s: %v\n%s", text, draft.Notes, diff)
		}
	}
	named, err := Convert(t.Context(), Options{
		Files: []string{composeFile(t, `services: {a: {image: x}}`)}, Service: "a", Port: 9, Output: "-",
	})
	if err != nil || named.Port != 9 || !named.PortKnown || slices.Contains(named.Notes, guess) {
		t.Errorf("%v: %+v", err, named)
	}
}

func TestTheManualNamesEveryWordOfLimits(t *testing.T) {
	manual, err := os.ReadFile("../../docs/compose.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range limitWords {
		if shown, _, _ := strings.Cut(word, ".limits."); !strings.Contains(string(manual), "`"+shown) {
			t.Errorf("docs/compose.md does not say what becomes of %s", word)
		}
		if reasons[word] != "" || unlimited[word] != "" {
			t.Errorf("%s becomes a limit, and is said to be left out", word)
		}
	}
}

func TestAHealthcheckOfAnotherPort(t *testing.T) {
	s := types.ServiceConfig{Name: "api"}
	s.HealthCheck = &types.HealthCheckConfig{Retries: new(uint64(1)), Test: types.HealthCheckTest{"CMD", "curl", "-f", "http://localhost:9090/live"}}
	for port, want := range map[int]string{9090: `path = "/live"`, 8000: `path = "/live"; port = 9090`} {
		if got := strings.Join(serviceWriter{&converter{selection: &selection{api: "api"}}}.ready(s, port), "; "); got != want {
			t.Errorf("the API's port is %d: %s", port, got)
		}
	}
}

// A request that fails on every status that is not 2xx is the path of ready; any other
// health check runs unchanged.
// TestTheHealthcheckOfAnotherCommand: that of a Dockerfile belongs to the command of the Dockerfile.
func TestTheHealthcheckOfAnotherCommand(t *testing.T) {
	const streamlit = "HEALTHCHECK CMD curl -f http://localhost:8501/_stcore/health\nCMD [\"streamlit\", \"run\", \"a.py\"]"
	const own = "HEALTHCHECK CMD curl -f http://localhost:8000/health || exit 1\nCMD uvicorn m:a"
	other := func(asked int, instead string) string {
		return fmt.Sprintf("the image's health check asks port %d, which this command does not serve: %s", asked, instead)
	}
	for _, c := range []struct{ service, dockerfile, ready, note, request string }{
		{"command: uvicorn m:a --port 8000, ports: ['8000']", streamlit, "tcp = 8000", other(8501, "the plan waits for port 8000"), "/docs"},
		{"command: uvicorn m:a, ports: ['8000', '8501']", streamlit, "", "", "/_stcore/health"}, // it may serve both
		{"command: uvicorn m:a --port 8000, ports: ['8000', '8501']", streamlit, "tcp = 8000", other(8501, "the plan waits for port 8000"), "/docs"},
		{"command: uvicorn m:a", streamlit, "tcp = 8000", other(8501, "the plan waits for port 8000"), "/docs"},
		{"command: ./serve, ports: ['81']", streamlit, "tcp = 81", other(8501, "the plan waits for port 81"), "/"},
		{"entrypoint: gunicorn -b 0.0.0.0:81 m:a", streamlit, "tcp = 81", other(8501, "the plan waits for port 81"), "/"},
		{"command: sh -c 'uvicorn m:a --port 8000 & streamlit run a.py --server.port 8501', ports: ['8000']", streamlit, "", "", "/_stcore/health"},
		{"command: ./serve", streamlit, "", "", "/_stcore/health"}, // nothing shows its ports
		{"command: uvicorn m:a --port 8000, healthcheck: {interval: 5s}", streamlit, "tcp = 8000", other(8501, "the plan waits for port 8000"), "/docs"},
		{"command: uvicorn m:a --port 8000, healthcheck: {test: curl -f http://localhost:8000/up}", streamlit, `path   = "/up"`, "", "/up"},
		{"command: uvicorn m:a --port 8000, healthcheck: {test: curl -f http://localhost:81/up}", streamlit, `path   = "/up"`, "", "/up"},
		{"ports: ['8000']", own, "", "", "/health"},
		{"command: uvicorn m:a --port 8000 --reload, ports: ['8000']", own, "", "", "/health"},
		{"ports: ['80']", streamlit, "", "", "/_stcore/health"}, // it is the command of the Dockerfile
		{"command: uvicorn m:a --port 8000", "HEALTHCHECK CMD ./check", "", "", "/docs"},
		{"command: celery -A t worker", own, `command = ["true"]`, other(8000, "the plan does not wait for it"), ""},
		{"command: rq worker, healthcheck: {disable: true}", own, `command = ["true"]`, "", ""},
		{"command: celery -A t worker, healthcheck: {disable: true}", "CMD x", "", "", ""},
		{"command: celery -A t worker", "HEALTHCHECK CMD ./check", "", "", ""},
	} {
		file := composeFile(t, "services: {h: {build: ., "+c.service+"}, b: {image: y, ports: ['82'], depends_on: [h]}}")
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "Dockerfile"), []byte("FROM x\n"+c.dockerfile+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		service := "h"
		if c.request == "" {
			service = "b" // h is a helper
		}
		draft, err := Convert(t.Context(), Options{Files: []string{file}, Service: service, Output: "-"})
		if err != nil {
			t.Fatalf("%s: %v", c.service, err)
		}
		_, block, _ := strings.Cut(string(draft.Text), `service "h" {`)
		block, _, _ = strings.Cut(block, "\n}")
		ready, note, request := "", "", ""
		if _, lines, is := strings.Cut(block, "ready {\n"); is {
			ready, _, _ = strings.Cut(strings.TrimSpace(lines), " #")
			ready, _, _ = strings.Cut(ready, "\n")
		}
		for _, n := range draft.Notes {
			if n.Service == "h" && n.Word == "healthcheck" && !strings.Contains(n.Text, "its times are left out") {
				note = n.Text
			}
		}
		if _, first, is := strings.Cut(string(draft.Text), `request "first" {`); is && service == "h" {
			request = strings.Split(first, `"`)[1]
		}
		if ready != c.ready || note != c.note || request != c.request {
			t.Errorf("%s, %s:\n%q %q %q\n%q %q %q", c.service, c.dockerfile, ready, note, request, c.ready, c.note, c.request)
		}
	}
}

func TestHealthChecksThatAreAPath(t *testing.T) {
	const up = "http://localhost:8000/health"
	for test, want := range map[string]bool{
		"curl -f " + up + " || exit 1":                    true,
		"curl -sSf --max-time 2 " + up + " || false":      true,
		"curl --fail " + up:                               true,
		"curl --fail-with-body -o /dev/null " + up:        true,
		"wget --spider -q " + up:                          true,
		"python -c \"import u; u.urlopen('" + up + "')\"": true,
		"curl -f " + up + " > /dev/null 2>&1 || exit 1":   true,
		"curl " + up:                                      false,
		"curl -s -o /dev/null " + up:                      false,
		"curl -f " + up + " || true":                      false,
		"curl -f " + up + " || exit 0":                    false,
		"curl -f " + up + " || curl -f http://x/":         false,
		"! curl -f " + up:                                 false,
		"curl -f " + up + " && exit 1":                    false,
		"curl -f " + up + "; exit 1":                      false,
		"if curl -f " + up + "; then exit 1; fi":          false,
		"if curl -f " + up + "; then exit 0; fi; exit 1":  false,
		"curl -f " + up + " & true":                       false,
		`test "$(curl -sf -w '%{http_code}' ` + up + `)"`: false,
		"test `curl -sf " + up + "`":                      false,
		"curl -sf -w '%{http_code}' " + up:                false,
		"curl -f --write-out x " + up:                     false,
		"python -c \"requests.get('" + up + "')\"":        false,
		"probe " + up:                                     false,
		// Of another path the answer may be a redirect.
		"curl -f http://localhost:8000/docs/":                  false,
		"curl -f http://localhost:8000":                        false,
		"wget -q http://localhost:8000/api/status":             true,
		"wget -q http://localhost:8000/v2/health/ready?full=1": true,
		"wget -q http://localhost:8000/api/health_check":       true,
		"wget -q http://localhost:8000/healthy-food/list":      false,
		"wget -q http://localhost:8000/signup":                 false,
	} {
		s := types.ServiceConfig{Name: "api"}
		s.HealthCheck = &types.HealthCheckConfig{Test: []string{"CMD-SHELL", test}}
		if _, got := healthPath(s); got != want {
			t.Errorf("%s: %v", test, got)
		}
		if strings.Count(test, "http:") == 1 && healthPort(s) != 8000 {
			t.Errorf("%s: port %d", test, healthPort(s))
		}
	}
	for words, want := range map[string]bool{
		"curl\t-f\t" + up: true,
		"python3\t-c\timport u; u.urlopen('" + up + "')":  true,
		"sh\t-c\tcurl -f " + up + " && test -f /ready":    false,
		"/bin/bash\t-ec\tcurl -f " + up + "; true":        false,
		"sh\t-c\tcurl -f " + up + " >/dev/null || exit 1": true,
	} {
		s := types.ServiceConfig{Name: "api"}
		s.HealthCheck = &types.HealthCheckConfig{Test: append([]string{"CMD"}, strings.Split(words, "\t")...)}
		if _, got := healthPath(s); got != want {
			t.Errorf("%s: %v", words, got)
		}
	}
}

func TestWhatAHealthCheckRuns(t *testing.T) {
	for check, want := range map[string]string{
		`["CMD", "redis-cli", "-a", "${CACHE_PASSWORD}", "ping"]`:  `command = ["redis-cli", "-a", var.CACHE_PASSWORD, "ping"]`,
		`redis-cli -a ${CACHE_PASSWORD} ping`:                      `command = ["/bin/sh", "-c", "redis-cli -a ${var.CACHE_PASSWORD} ping"]`,
		`pg_isready -U $${POSTGRES_USER}`:                          `command = ["/bin/sh", "-c", "pg_isready -U $${POSTGRES_USER}"]`,
		`curl -f http://localhost/a && curl -f http://localhost/b`: `command = ["/bin/sh", "-c", "curl -f http://localhost/a && curl -f http://localhost/b"]`,
	} {
		file := composeFile(t, "services:\n  a:\n    image: x\n    ports: ['80']\n    healthcheck:\n      interval: 1s\n      test: "+check)
		draft, err := Convert(t.Context(), Options{Files: []string{file}, Environ: []string{"CACHE_PASSWORD=tell-nobody"}, Output: "-"})
		if err != nil {
			t.Fatal(err)
		}
		if text := string(draft.Text); !strings.Contains(text, want) || strings.Contains(text, "tell-nobody") {
			t.Errorf("%s:\n%s", check, text)
		}
	}
}

func TestReadyReplacesTheHealthCheckOfTheAPI(t *testing.T) {
	check := "\n    healthcheck:\n      test: curl -f http://localhost:8000/"
	file := composeFile(t, "services:\n  a:\n    image: x\n    ports: ['8000']\n    depends_on: {b: {condition: service_healthy}}"+check+"up\n"+
		"  b:\n    image: redis"+check+"live")
	draft, err := Convert(t.Context(), Options{Files: []string{file}, Service: "a", Ready: "/ready", Output: "-"})
	if err != nil {
		t.Fatal(err)
	}
	text := string(draft.Text)
	for path, want := range map[string]bool{"/ready": true, "/up": false, "/live": true} {
		if got := strings.Contains(text, `path   = "`+path+`"`); got != want {
			t.Errorf("%s: %v, want %v, in\n%s", path, got, want, text)
		}
	}
}

func TestPortIsTheFirstOfTheAPI(t *testing.T) {
	for lines, want := range map[string]string{
		"": `["9000"]`, "\n    ports: ['8000', '9000']": `["9000", "8000"]`, "\n    expose: ['8000']": `["9000", "8000"]`,
		"\n    command: uvicorn app:app --port 7000": `["9000"]`,
	} {
		file := composeFile(t, "services:\n  a:\n    image: x\n    depends_on: [b]"+lines+"\n  b:\n    image: redis")
		draft, err := Convert(t.Context(), Options{Files: []string{file}, Service: "a", Port: 9000, Output: "-"})
		if err != nil {
			t.Fatal(err)
		}
		if text := string(draft.Text); !strings.Contains(text, "= "+want+" # --port names the first one\n") ||
			strings.Count(text, "9000") != 1+strings.Count(lines, "9000") {
			t.Errorf("%q: no %s in\n%s", lines, want, text)
		}
	}
}

func TestALineThatComposeNoLongerHeeds(t *testing.T) {
	for text, want := range map[string]string{
		"version: \"3.8\"\nservices:":        "\nservices:",
		"version: '3'  # old\r\nservices:\r": "\nservices:\r",
		"  version: 3":                       "  version: 3",
	} {
		if got := string(version.ReplaceAll([]byte(text), nil)); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestArgumentsOfLocust(t *testing.T) {
	for started, want := range map[string]string{
		"-f /l.py --tags predict slow --config=/l.conf --model iris -u 200 -r 20 -t 5m --host http://model:8000": "predict slow; --config=/l.conf --model iris",
		"locust --headless --loglevel DEBUG --users=3 Caller":                                                    "; Caller",
		"locust -H http://x --stop-timeout":                                                                      "; ",
		"locust -T a --exclude-tags b -s 3 --tags=c A B":                                                         "a c A B; --exclude-tags b",
		"": "; ",
	} {
		var words []locustWord
		for _, word := range strings.Fields(started) {
			words = append(words, locustWord{text: word})
		}
		tags, args := locustArguments(words)
		texts := func(list []locustWord) (texts []string) {
			for _, a := range list {
				texts = append(texts, a.text)
			}
			return texts
		}
		if got := strings.Join(texts(tags), " ") + "; " + strings.Join(texts(args), " "); got != want {
			t.Errorf("%s: %q, want %q", started, got, want)
		}
	}
}

func TestLoadThatLocustSets(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "locust.conf"), []byte("users = 7\nspawn-rate: 2\nrun-time = 90\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for started, want := range map[string]locustLoad{
		"locust":                                 {"7", "2/s", "90s"},
		"locust -u 200 -r 0.5 -t 1h30m":          {"200", "0.5/s", "1h30m"},
		"locust --users=3 --spawn-rate=1 -t 20s": {"3", "1/s", "20s"},
		"locust -u 0 -r x -t 5x":                 {},
		"locust -t":                              {"7", "2/s", "90s"},
	} {
		x := types.ServiceConfig{Name: "locust"}
		x.Command = strings.Fields(started)
		x.Build = &types.BuildConfig{Context: folder}
		s := &project{Project: &types.Project{Services: types.Services{"locust": x}}, written: &written{}}
		if got := locustOf(s, x).load(); got != want {
			t.Errorf("%s: %+v, not %+v", started, got, want)
		}
	}
	users := "9"
	x := types.ServiceConfig{Name: "locust"}
	x.Environment = types.MappingWithEquals{"LOCUST_USERS": &users}
	s := &project{Project: &types.Project{Services: types.Services{"locust": x}}, written: &written{}}
	if got := locustOf(s, x).load(); got != (locustLoad{users: "9"}) {
		t.Errorf("%+v", got)
	}
}

func TestFilesThatALocustfileNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string // beside locustfile.py, by name
		want  string
	}{
		"modules and texts": {map[string]string{
			"locustfile.py": "import os, json, helpers\nfrom shop import basket\nfrom locust import HttpUser\nopen('samples/a.json'); open(\"b.csv\")\nx = '../out.txt'; y = 'none.txt'",
			"helpers.py":    "  from more import z\n", "more.py": "import helpers", "shop/__init__.py": "", "shop/basket.py": "",
			"samples/a.json": "", "other.py": "", "../out.txt": "", "json.txt": "",
		}, "helpers.py more.py samples/a.json shop"},
		"what a package imports": {map[string]string{
			"locustfile.py": "import shop", "shop/__init__.py": "from .basket import a", "shop/basket.py": "import helpers; x = 'a.csv'",
			"helpers.py": "open('b.csv')", "a.csv": "", "b.csv": "", "other.py": "",
		}, "b.csv helpers.py shop"},
		"a folder of modules without __init__.py": {map[string]string{
			"locustfile.py": "from tasks.predict import P", "tasks/predict.py": "import helpers\nopen('a.csv')", "tasks/sub/more.py": "from data import d",
			"tasks/model.bin": "", "tasks/.cache/x.py": "", "tasks/__pycache__/predict.py": "", "helpers.py": "", "data.py": "", "a.csv": "", "other/x.py": "",
		}, "a.csv data.py helpers.py tasks/predict.py tasks/sub/more.py"},
		"a folder without modules is none":                   {map[string]string{"locustfile.py": "import tasks", "tasks/a.txt": ""}, ""},
		"a module comes before a folder":                     {map[string]string{"locustfile.py": "import tasks", "tasks.py": "", "tasks/a.py": ""}, "tasks.py"},
		"a package is whole, whatever it has":                {map[string]string{"locustfile.py": "import tasks", "tasks/__init__.py": "", "tasks/a.py": ""}, "tasks"},
		"the installed package comes before a folder":        {map[string]string{"locustfile.py": "from locust import task", "locust/a.py": ""}, ""},
		"a file that imports the locustfile does not add it": {map[string]string{"locustfile.py": "import a", "a.py": "import locustfile"}, "a.py"},
	} {
		folder := filepath.Join(t.TempDir(), "load")
		for name, text := range c.files {
			path := filepath.Join(folder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, file := range filesOf(filepath.Join(folder, "locustfile.py")) {
			name, _ := filepath.Rel(folder, file)
			got = append(got, name)
		}
		slices.Sort(got)
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestTheHTTPPortOfServersThatListAnotherFirst(t *testing.T) {
	for file, want := range map[string]string{
		`image: "tensorflow/serving:2.16", ports: ["8500:8500", "8501:8501"]`:           `expose = ["8501", "8500"]`,
		`image: "nvcr.io/nvidia/tritonserver:24.01", ports: ["8001:8001", "8000:8000"]`: `expose = ["8000", "8001"]`,
		`image: me/x, ports: ["50051:50051", "8080:8080"]`:                              `expose = ["8080", "50051"]`,
		// An option of HTTP says more than one of a port, which is that of gRPC for some.
		`image: tensorflow/serving, command: ["--port=9000", "--rest_api_port=8501"], ports: ["8501:8501", "9000:9000"]`: `expose = ["8501", "9000"]`,
		`image: tensorflow/serving, command: ["--port=9000", "--rest_api_port=9001"], ports: ["9000:9000", "9001:9001"]`: `expose = ["9001", "9000"]`,
		`image: tensorflow/serving, command: ["--port=9000"], ports: ["9000:9000", "8501:8501"]`:                         `expose = ["8501", "9000"]`,
		`image: x, command: tensorflow_model_server --port=8500 --rest_api_port=8502, ports: ["8500:8500", "8502:8502"]`: `expose = ["8502", "8500"]`,
		`image: x, command: sh -c "tensorflow_model_server --rest_api_port 8502 --port 8500"`:                            `expose = ["8502"`,
		`image: x, command: serve --port 7001 --http-port 7000, ports: ["7001", "7000"]`:                                 `expose = ["7000", "7001"]`,
		`image: x, command: serve --grpc_port=9000 --http_port=8080, ports: ["9000", "8080"]`:                            `expose = ["8080", "9000"]`,
		`image: openvino/model_server, command: --port 9001 --rest_port 8000, ports: ["9001", "8000"]`:                   `expose = ["8000", "9001"]`,
		`image: x, command: uvicorn m:a --port 8080, ports: ["9090", "8080"]`:                                            `expose = ["8080", "9090"]`,
	} {
		draft, err := Convert(t.Context(), Options{Files: []string{composeFile(t, "services: {a: {"+file+"}}")}, Output: "-"})
		if err != nil || !strings.Contains(strings.Join(strings.Fields(string(draft.Text)), " "), want) {
			t.Errorf("%s: %v\n%s", file, err, draft.Text)
		}
	}
}

// TestThePortOfAHelper: what its command says comes before what is usual.
func TestThePortOfAHelper(t *testing.T) {
	for helper, want := range map[string]string{
		`image: x, command: uvicorn app:app --port 8080`:                          `expose = ["8080"]`,
		`image: x, command: ["gunicorn", "-b", "0.0.0.0:8090", "m:a"]`:            `expose = ["8090"]`,
		`image: x, command: sh -c "sleep 1; exec uvicorn app:app --port=8080"`:    `expose = ["8080"]`,
		`image: x, command: uvicorn app:app`:                                      `expose = ["8000"]`,
		`image: x, command: uvicorn app:app, environment: {UVICORN_PORT: "8080"}`: `expose = ["8080"]`,
		`image: redis, command: redis-server --port 6380`:                         `expose = ["6380"]`,
		`image: x, command: mlflow server -p 5001`:                                `expose = ["5001"]`,
		`image: postgres, environment: {API_PORT: "8000"}`:                        `expose = ["5432"]`,
		`image: rabbitmq, healthcheck: {test: curl -f http://localhost:15672/}`:   `expose = ["5672"]`,
		`image: tensorflow/serving, command: --port=9000 --rest_api_port=8502`:    `expose = ["8502"`,
		`image: x, command: uvicorn app:app --port 8080, expose: ["8081"]`:        `expose = ["8081"]`,
	} {
		file := composeFile(t, `services: {a: {image: y, ports: ["80"], depends_on: [h]}, h: {`+helper+`}}`)
		draft, err := Convert(t.Context(), Options{Files: []string{file}, Service: "a", Output: "-"})
		if err != nil {
			t.Fatalf("%s: %v", helper, err)
		}
		_, block, _ := strings.Cut(string(draft.Text), `service "h"`)
		if !strings.Contains(strings.Join(strings.Fields(block), " "), want) {
			t.Errorf("%s:\n%s", helper, block)
		}
	}
}

// What a service's files hold is read when the plan is, and only then.
func TestFilesOfVariables(t *testing.T) {
	for line, want := range map[string]struct{ text, note, values string }{
		"env_file: .env": {text: `env_file = ["./.env"]`},
		"env_file: [.env, {path: other.env, required: false}]": {
			text: `env_file = ["./.env"]`, note: "env_file: ./other.env does not exist, and is not required: it is left out",
		},
		"env_file: [missing.env, .env]": {
			text: `env_file = ["./missing.env", "./.env"]`,
			note: "env_file: ./missing.env does not exist: create it before the run, such as from missing.env.example",
		},
		"env_file: [nowhere/x.env]":                                  {text: `env_file = ["./nowhere/x.env"]`, note: "env_file: ./nowhere/x.env does not exist: create it before the run"},
		"env_file: .env\n    environment: {MODE: fast}":              {text: `env_file = ["./.env"] environment = { MODE = "fast" }`},
		"env_file: .env\n    environment: [MODE]":                    {text: `env_file = ["./.env"] environment = { MODE = var.MODE }`},
		"env_file: .env\n    environment: {TOKEN: '${DB_PASSWORD}'}": {text: `env_file = ["./.env"] environment = { TOKEN = var.DB_PASSWORD }`},
		// What the plan would read in another way is written.
		"env_file: of-dot-env.env":                                                {text: `env_file = ["./of-dot-env.env"] environment = { COPY = "slow" }`},
		"env_file: {path: raw.env, format: raw}":                                  {text: "", note: "read as a Compose file"},
		"environment: {API_KEY: '${API_KEY}'}":                                    {text: `environment = { API_KEY = var.API_KEY }`, values: "API_KEY"},
		"environment: {API_KEY: '${API_KEY:-hunter2}'}":                           {text: `default = env("a.API_KEY", "./compose.yaml")`},
		"environment: {URL: 'redis://:hunter2@h:6379'}":                           {text: `default = env("a.URL", "./compose.yaml")`},
		"environment: {DB_PASSWORD: '${DB_PASSWORD}', URL: 'redis://:hunter2@h'}": {text: `URL = "redis://:${var.DB_PASSWORD}@h"`},
		"command: serve --token hunter2":                                          {text: `"--token", var.a_token`, values: "a_token"},
		"environment: {API_KEY: '${API_KEY:?set}'}":                               {text: `environment = { API_KEY = var.API_KEY }`, values: "API_KEY"},
	} {
		folder := t.TempDir()
		for name, text := range map[string]string{
			"compose.yaml": "services:\n  a:\n    image: x\n    ports: ['80']\n    " + line,
			".env":         "MODE=slow\nDB_PASSWORD=hunter2\n", "missing.env.example": "", "of-dot-env.env": "COPY=$MODE\n", "raw.env": "A=$MODE\n",
		} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		draft, err := Convert(t.Context(), Options{Files: []string{filepath.Join(folder, "compose.yaml")}, Output: filepath.Join(folder, "plan.hcl")})
		if err != nil {
			if want.text != "" || !strings.Contains(err.Error(), want.note) {
				t.Errorf("%s: %v", line, err)
			}
			continue
		}
		text := strings.Join(strings.Fields(string(draft.Text)), " ")
		if !strings.Contains(text, want.text) || strings.Contains(text, "hunter2") {
			t.Errorf("%s:\n%s", line, draft.Text)
		}
		var notes []string
		for _, n := range draft.Notes {
			notes = append(notes, n.Word+": "+n.Text)
		}
		if got := strings.Join(notes, "\n"); got != want.note {
			t.Errorf("%s: %s", line, got)
		}
		if got := strings.Join(draft.Values, " "); got != want.values {
			t.Errorf("%s: %s must be given", line, got)
		}
	}
}

func TestAmounts(t *testing.T) {
	for b, want := range map[units.Bytes]string{
		1288490188: "1.2G", 1288490189: "1.2G", 2576980376: "2.4G", units.GiB * 3 / 2: "1536M", 512 * units.MiB: "512M", 1350565888: "1288M",
		1234567: "1.177M", 1234567890: "1177.376M", 500: "500b", 5000: "5000b", 7 * units.KiB: "7K",
	} {
		got := amount(b)
		read, err := units.ParseBytes(got)
		if got != want || err != nil || read/pageSize != b/pageSize {
			t.Errorf("%d: %s, not %s: %d, %v", b, got, want, read, err)
		}
	}
}

func TestVolumes(t *testing.T) {
	for line, want := range map[string]struct{ text, note string }{
		"image: x, volumes: ['models:/models:ro']": {
			`volumes = ["stack_models:/models:ro"]`, "stack_models: if the engine does not have it, it is empty, without a model that the stack has there",
		},
		"image: x, volumes: ['store:/var/data']": {
			`volumes = ["stack_store:/var/data"]`,
			"stack_store: the run uses a copy, of at most 2 GiB, and never writes to it; if the engine does not have it, it is empty, without data that the stack has there",
		},
		"image: 'postgres:16', command: postgres, volumes: ['store:/x']": {
			`volumes = ["stack_store:/x"]`,
			"stack_store: the run uses a copy, of at most 2 GiB, and never writes to it; if the engine does not have it, it is empty, without its databases",
		},
		"image: x, volumes: ['named:/x:ro']":   {`volumes = ["shared:/x:ro"]`, "shared: if the engine does not have it, it is empty, without files that the stack has there"},
		"image: x, volumes: ['bound:/models']": {`volumes = ["./models:/models"]`, ""},
		"image: x, volumes: ['far:/models']":   {`volumes = ["/srv/models:/models"]`, ""},
		"image: x, volumes: ['nfs:/x:ro']": {
			`volumes = ["stack_nfs:/x:ro"]`,
			"stack_nfs: its driver and driver_opts are left out: create it before the run, as Compose does; stack_nfs: if the engine does not have it, it is empty, without files that the stack has there",
		},
	} {
		path := composeFile(t, "name: stack\nservices: {a: {ports: ['80'], "+line+`}}
volumes:
  models: {}
  store: {}
  named: {name: shared, external: true}
  bound: {driver: local, driver_opts: {type: none, o: bind, device: ./models}}
  far: {driver_opts: {type: none, o: "rw,bind", device: /srv/models}}
  nfs: {driver_opts: {type: nfs, o: "addr=10.0.0.1", device: ":/x"}}
`)
		draft, err := Convert(t.Context(), Options{Files: []string{path}, Service: "a", Output: filepath.Join(filepath.Dir(path), "plan.hcl")})
		if err != nil {
			t.Fatal(err)
		}
		var notes []string
		for _, n := range draft.Notes {
			if n.Word == "volumes" {
				notes = append(notes, n.Text)
			}
		}
		if got := strings.Join(notes, "; "); got != want.note || !strings.Contains(strings.Join(strings.Fields(string(draft.Text)), " "), want.text) {
			t.Errorf("%s: %s\n%s", line, got, draft.Text)
		}
	}
}

// TestPathsThatDoNotExist: what a build or a mount lacks is named, and a folder above that has it is taken.
func TestPathsThatDoNotExist(t *testing.T) {
	const build, above = "plan run --build builds its image, as `docker compose build a` does", "its paths are relative to .., as with docker compose --project-directory: what it builds is there"
	lacks := func(path string) string {
		return path + " does not exist, so its image cannot be built: create it, or correct the Compose file"
	}
	mount := func(path, with string) string {
		return path + " does not exist here, and a run does not create it: create it before the run, with " + with
	}
	for _, c := range []struct {
		service string
		there   []string // files, seen from the folder of the Compose file
		want    []string
		text    string // in the plan
	}{
		{"build: ./api", []string{"api/Dockerfile"}, []string{build}, `context = "./api"`},
		{"build: ./api", nil, []string{lacks("./api")}, `context = "./api"`},
		{"build: ./api", []string{"api/main.py"}, []string{lacks("./api/Dockerfile")}, ""},
		{"build: {context: ., dockerfile: deploy/D}", []string{"Dockerfile"}, []string{lacks("./deploy/D")}, ""},
		{"build: {context: ., dockerfile_inline: FROM x}", nil, []string{"its context is not a local folder: run `docker compose build a` first"}, ""},
		{"build: https://github.com/x/y.git", nil, []string{"its context is not a local folder: run `docker compose build a` first"}, ""},
		{"build: {context: ., dockerfile: deploy/D}, volumes: ['./deploy/m:/m']", []string{"../deploy/D", "../deploy/m/x"}, []string{build, above}, `volumes = ["./m:/m"]`},
		{"build: ./api", []string{"../api/Dockerfile"}, []string{build, above}, `context = "../api"`},
		{"build: ./api", []string{"api/Dockerfile", "../api/Dockerfile"}, []string{build}, `context = "./api"`},
		{"build: ./api, env_file: .env", []string{"../api/Dockerfile", "../.env"}, []string{build, above}, `env_file = ["../.env"]`},
		{"build: ./api, environment: {A_PASSWORD: 'x${FROM}hunter2'}", []string{"../api/Dockerfile", "../.env"}, []string{build, above}, "variable \"A_PASSWORD\" { type = string sensitive = true }"},
		{"image: x, volumes: ['./models:/m:ro', './logs:/l', './c.yml:/etc/c.yml']", []string{"c.yml"}, []string{mount("./models", "a model that the stack has there"), mount("./logs", "files that the stack has there")}, `"./models:/m:ro"`},
		{"image: x, volumes: ['/not/there/data:/d']", nil, []string{mount("/not/there/data", "data that the stack has there")}, ""},
		{"image: x, volumes: [{type: bind, source: ./w, target: /weights}]", nil, []string{mount("./w", "a model that the stack has there")}, ""},
	} {
		folder := filepath.Join(t.TempDir(), "project", "deploy")
		for _, name := range append(c.there, "compose.yaml") {
			path := filepath.Join(folder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			text := map[bool]string{true: "services: {a: {ports: ['80'], " + c.service + "}}", false: "FROM=x\n"}[name == "compose.yaml"]
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		draft, err := Convert(t.Context(), Options{Files: []string{filepath.Join(folder, "compose.yaml")}, Output: filepath.Join(folder, "plan.hcl")})
		if err != nil {
			t.Errorf("%s: %v", c.service, err)
			continue
		}
		var got []string
		for _, n := range draft.Notes {
			got = append(got, n.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || !strings.Contains(strings.Join(strings.Fields(string(draft.Text)), " "), c.text) {
			t.Errorf("%s with %s:\n%s\n%s", c.service, c.there, diff, draft.Text)
		}
	}
}

func TestConfigurationsOfAFolder(t *testing.T) {
	project := &project{Project: &types.Project{WorkingDir: filepath.Join(t.TempDir(), "project")}}
	for entries, want := range map[int]int{0: 0, 1: 1, mostEntries: mostEntries, mostEntries + 1: 0} {
		folder := t.TempDir()
		for i := range entries {
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.json", i)), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got := project.configurations(folder)
		if len(got) != want || !slices.IsSorted(got) {
			t.Errorf("%d entries: %s", entries, got)
		}
	}
}

// TestTheLocustThatDrives: not a worker, in whatever way it is one.
func TestTheLocustThatDrives(t *testing.T) {
	for name, c := range map[string]struct {
		entrypoint, command []string
		variable            *string // LOCUST_MODE_WORKER
		want                string
	}{
		"a word":             {nil, []string{"-f", "l.py", "--worker"}, nil, "b"},
		"a word of a shell":  {nil, []string{"sh", "-c", "pip install x && locust --worker"}, nil, "b"},
		"of the entrypoint":  {[]string{"locust", "--worker"}, nil, nil, "b"},
		"a variable":         {nil, nil, new("true"), "b"},
		"in capitals":        {nil, nil, new("YES"), "b"},
		"one that is not":    {nil, nil, new("0"), "a"},
		"one that is empty":  {nil, nil, new(""), "a"},
		"a word of a script": {nil, []string{"sh", "-c", "echo --worker; locust"}, nil, "a"},
		"another word":       {nil, []string{"--expect-workers", "2"}, nil, "a"},
	} {
		a, b := types.ServiceConfig{Name: "a"}, types.ServiceConfig{Name: "b"}
		a.Image, b.Image = "locustio/locust", "locustio/locust"
		a.Entrypoint, a.Command = c.entrypoint, c.command
		a.Environment = types.MappingWithEquals{"LOCUST_MODE_WORKER": c.variable}
		s := &project{written: &written{}, Project: &types.Project{Services: types.Services{"a": a, "b": b}}}
		if got := s.findLocust(); got == nil || got.Name != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
		s.Services = types.Services{"a": a}
		if got := s.findLocust(); got == nil || got.Name != "a" {
			t.Errorf("%s, alone: %v", name, got)
		}
		master := b
		master.Name = "c-master"
		s.Services = types.Services{"a": a, "b": b, "c-master": master, "d": b}
		if got := s.findLocust(); got == nil || got.Name != "c-master" {
			t.Errorf("%s, with a master: %v", name, got)
		}
	}
}

func TestANetworkThatOneFileCreatesIsTheProjects(t *testing.T) {
	api := func(networks string) string {
		return "services: {api: {image: x, ports: ['80'], networks: [net]}}\nnetworks: {net: " + networks + "}"
	}
	locust := func(networks string) string {
		return "services: {locust: {image: locustio/locust, networks: [net], command: '-H http://api'}}\nnetworks: {net: " + networks + "}"
	}
	const note = "one of the files creates it, and another one calls it external: the run creates its own"
	for _, c := range []struct {
		api, locust string
		created     bool
	}{
		{api("{driver: bridge}"), locust("{external: true, name: stack_net}"), true},
		{api("{external: false}"), locust("{external: true, name: stack_net}"), true},
		{api("{name: shared}"), locust("{external: true, name: shared}"), true},
		{api("{}"), locust("{external: true, name: other}"), false},
		{api("{external: true, name: stack_net}"), locust("{external: true, name: stack_net}"), false},
		{"services: {api: {image: x, ports: ['80']}}", strings.ReplaceAll(locust("{external: true, name: stack_default}"), "net", "default"), true},
		{"services: {api: {image: x, ports: ['80']}}\nnetworks: {default: {external: true, name: stack_default}}",
			strings.ReplaceAll(locust("{external: true, name: stack_default}"), "net", "default"), false},
	} {
		folder := filepath.Join(t.TempDir(), "stack")
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		var files []string
		for name, text := range map[string]string{"a.yaml": c.api, "b.yaml": strings.ReplaceAll(c.locust, "defaultworks", "networks")} {
			files = append(files, filepath.Join(folder, name))
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(files)
		draft, err := Convert(t.Context(), Options{Files: files, Output: filepath.Join(folder, "plan.hcl")})
		if err != nil {
			t.Fatal(err)
		}
		external := strings.Contains(string(draft.Text), "external = true")
		noted := slices.ContainsFunc(draft.Notes, func(n Note) bool { return n.Text == note })
		if external == c.created || noted && !c.created {
			t.Errorf("%s\n%s\nexternal: %v, noted: %v\n%s", c.api, c.locust, external, noted, draft.Text)
		}
	}
}
