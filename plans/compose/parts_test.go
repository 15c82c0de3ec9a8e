package compose

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"plan/internal/units"
)

func TestSecretNames(t *testing.T) {
	for name, want := range map[string]bool{
		"PASSWORD": true, "POSTGRES_PASSWORD": true, "DB_PASS": true, "PGPASSWORD": true, "redis_requirepass": true, "SECRET_KEY": true,
		"HF_TOKEN": true, "AWS_ACCESS_KEY_ID": true, "OPENAI_API_KEY": true, "apiKey": true, "GOOGLE_CREDENTIALS": true, "DB_PWD": true,
		"TOKENIZERS_PARALLELISM": false, "MAX_TOKENS": false, "POSTGRES_PASSWORD_FILE": false, "ACCESS_TOKEN_EXPIRE_MINUTES": false, "TOKEN_URL": false,
		"MONKEY": false, "KEYSPACE": false, "PWD": false, "PORT": false, "": false, "_": false,
	} {
		if got := secretName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	for value, want := range map[string]bool{"s3cr3t": true, "0": true, "": false, "True": false, "no": false} {
		if got := secretPair("A_PASSWORD", value); got != want {
			t.Errorf("a password of %q: %v", value, got)
		}
	}
}

func TestSecretTexts(t *testing.T) {
	for text, want := range map[string]bool{
		"postgresql://me:pw@db/x": true, "mysql+pymysql://root:pw@db": true, "redis://:pw@cache:6379/0": true, "https://key@sentry.example.org/4": true,
		"jdbc:postgresql://db/app?user=a&password=b": true, `{"password": "x"}`: true, "--api-key=abc": true, "Authorization: Bearer abcdefgh": true,
		"-----BEGIN RSA PRIVATE KEY-----": true,
		"postgresql://me@db/x":            false, "http://mlflow:5000": false, "postgresql://me:$PW@db/x": false, "password=$PW": false, "token=true": false, "a@b:c": false, "": false,
	} {
		if got := secretText(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

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
		"curl -f http://localhost/a | grep ok":             "",
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
		{limits{memory: 500 * units.GiB, cpus: 0.5}, 1024 * units.GiB, "500G is hardly meant: did you mean 500M?", 500 * units.MiB},
		{limits{memory: 500 * units.GiB, cpus: 64}, 1024 * units.GiB, "", 0},
		{limits{memory: 32 * units.GiB}, host, "32G is more than this machine has (24G).", 0},
		{limits{memory: 500}, host, "500b is less than any container runs on: did you mean 500M?", 500 * units.MiB},
		{limits{memory: 512 * units.KiB}, host, "512K is less than any container runs on: did you mean 512M?", 512 * units.MiB},
		{limits{memory: 9999 * units.TiB}, 0, "9999T is hardly meant: did you mean 9999G?", 9999 * units.GiB},
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
		0:                "500M-4G by 100M",
		256 * units.MiB:  "50M-512M by 25M",
		500 * units.MiB:  "100M-1000M by 50M",
		1 * units.GiB:    "200M-2G by 100M",
		2 * units.GiB:    "500M-4G by 100M",
		16 * units.GiB:   "4G-16G by 1G",
		20 * units.MiB:   "10M-40M by 10M",
		500 * units.GiB:  "500M-4G by 100M",
		8000 * units.GiB: "8000M-24G by 500M",
		32 * units.GiB:   "6G-24G by 2G",
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
		"${A:?why}${B?}":   {{variable: "A", demanded: true}, {variable: "B", demanded: true}},
		"$${A}$$$A":        {{literal: "${A}$"}, {variable: "A"}},
		"x${A:-}y":         {{literal: "x"}, {variable: "A", empty: true}, {literal: "y"}},
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

func TestPieces(t *testing.T) {
	for text, want := range map[string]string{
		"a${B:-${C}}d${E}": "a|${B:-${C}}|d|${E}|",
		"$$${A}":           "$$|${A}|",
		"$${A}":            "$${A}",
		"${open":           "|${open|",
		"":                 "",
	} {
		if got := strings.Join(pieces(text), "|"); got != want {
			t.Errorf("%q: %s", text, got)
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
	const noAPI = "name the file that has it too: plan init --from FILE --from FILE; if one of them is the API, say so with --service"
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
		// Pages.
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"], environment: {PREDICT_URL: "http://a"}}}`:      "a",
		`{a: {image: x, ports: ["80"]}, frontend: {image: y, ports: ["8080"], depends_on: [a]}}`:                    "a",
		`{a: {image: x, ports: ["80"]}, b: {image: y, ports: ["81"], depends_on: [a]}}`:                             "more than one service of FILE could be the API: say which with --service: a (port 80, image x), b (port 81, image y)",
		`{a: {image: x, ports: ["80"]}, b: {image: y, command: uvicorn m:b, environment: {MODEL_URL: "http://a"}}}`: "more than one service of FILE could be the API: say which with --service: a (port 80, image x), b (port 8000, runs uvicorn)",
		// Equal ones.
		`{a1: {image: x, command: "run --id 1", ports: ["80"]}, a2: {image: x, command: "run --id 2", ports: ["80"]}}`:           "a1",
		`{a1: {image: x, ports: ["80"], environment: {MODEL: iris}}, a2: {image: x, ports: ["80"], environment: {MODEL: wine}}}`: "more than one service of FILE could be the API: say which with --service: a1 (port 80, image x), a2 (port 80, image x)",
		`{nginx: {image: nginx, ports: ["80"]}}`:                                   "FILE has no API, only nginx: " + noAPI,
		`{airflow: {image: apache/airflow, ports: ["80"]}, db: {image: postgres}}`: "FILE has no API, only airflow, db: " + noAPI,
		`{a: {image: x, ports: ["5432", "53:53/udp"]}}`:                            "FILE has no API, only a: " + noAPI,
		`{l: {image: locustio/locust, command: "--host http://api:8000"}}`:         "FILE has no API, only l; l asks http://api:8000: name the file that has it too: plan init --from FILE --from FILE",
	} {
		path := written(t, "services: "+file)
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

func TestFilesThatCannotBeRead(t *testing.T) {
	for file, want := range map[string]string{
		"services: {a: {image: x, ports: ['${PORT:?which}']}}":     "before these variables have a value, in the environment or in .env: PORT",
		"services: {a: {image: x, ports: ['80'], user: '${U:?}'}}": "demands variables: give them a value, in the environment or in .env: U",
		"services: {a: {image: x, env_file: nowhere.env}}":         "nowhere.env not found",
		"services: {a: {imag: x}}":                                 "services.a.imag is not known to Compose",
		"services: {a: {image: x}":                                 "cannot be read as a Compose file",
		"":                                                         "empty compose file",
		"services: {}":                                             "has no services: name another file",
		"services: {a: {image: x, depends_on: [b]}}":               `depends on undefined service "b"`,
	} {
		if _, err := Convert(t.Context(), Options{Files: []string{written(t, file)}, Service: "a", Output: "-"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v", file, err)
		}
	}
}

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheAPIThatIsNamed(t *testing.T) {
	file := written(t, `services: {a: {image: x, ports: ["80"], profiles: [p], depends_on: [db]}, db: {image: postgres, profiles: [p]}, locust: {image: locustio/locust}}`)
	draft, err := Convert(t.Context(), Options{Files: []string{file}, Service: "a", Environ: []string{"COMPOSE_PROFILES=p"}, Output: "-"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "db"}, draft.Services); diff != "" {
		t.Error(diff)
	}
	if _, err = Convert(t.Context(), Options{Files: []string{file}, Service: "locust", Output: "-"}); err == nil || err.Error() != "locust is a load generator: name the service that it asks" {
		t.Error(err)
	}
	draft, err = Convert(t.Context(), Options{Files: []string{file}, Service: "db", Environ: []string{"COMPOSE_PROFILES=p"}, Output: "-"})
	doubt := Note{"db", "", "it is a database, a queue or a store, and no API: it is tested since --service says so"}
	if err != nil || draft.API != "db" || !slices.Contains(draft.Notes, doubt) {
		t.Errorf("%v: %v", err, draft)
	}
	alone := written(t, `services: {a: {image: x, ports: ["80"], profiles: [p]}, b: {image: y}}`)
	draft, err = Convert(t.Context(), Options{Files: []string{alone}, Service: "a", Output: "-"})
	if err != nil || draft.API != "a" {
		t.Errorf("a service whose profile is not active: %v", err)
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
		if got := strings.Join(serviceWriter{&converter{}}.ready(s, port), "; "); got != want {
			t.Errorf("the API's port is %d: %s", port, got)
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
		file := written(t, "services:\n  a:\n    image: x\n    ports: ['80']\n    healthcheck:\n      interval: 1s\n      test: "+check)
		draft, err := Convert(t.Context(), Options{Files: []string{file}, Environ: []string{"CACHE_PASSWORD=tell-nobody"}, Output: "-"})
		if err != nil {
			t.Fatal(err)
		}
		if text := string(draft.Text); !strings.Contains(text, want) || strings.Contains(text, "tell-nobody") {
			t.Errorf("%s:\n%s", check, text)
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

func TestSecretsInsideCommands(t *testing.T) {
	known := map[string]string{"known-one": "DB_PASSWORD"}
	for text, want := range map[string]string{
		"mc alias set s http://m:9000 me hunter2; mc mb s/x": "hunter2",
		"mc config host add s http://m me 'hunter2' && true": "hunter2",
		"redis-cli -h db -a hunter2 ping":                    "hunter2",
		"serve --db-password hunter2 --port 80":              "hunter2",
		"export TOKEN=hunter2; psql postgres://u:other@db/x": "hunter2 other",
		"psql -W known-one; psql known-one":                  "known-one known-one",
		"echo known-one-more http://known-one/ xknown-one":   "",
		"mc alias set s http://m $USER $PASSWORD":            "",
		"serve --password $PW --token --verbose secret=true": "",
		"redis-cli ping; grep -a text":                       "",
	} {
		var got []string
		for _, span := range secretSpans(text, known) {
			got = append(got, text[span[0]:span[1]])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestOptionsOfLocustThatAreDropped(t *testing.T) {
	for started, want := range map[string]string{
		"-f /mnt/l.py --tags predict slow --config=/mnt/l.conf --model iris -u 200 -r 20 -t 5m --host http://model:8000": "--tags predict, slow, --config=/mnt/l.conf, --model iris",
		"locust --headless --loglevel DEBUG --users=3 Caller":                                                            "--loglevel DEBUG, Caller",
		"locust -H http://x --stop-timeout":                                                                              "--stop-timeout",
		"":                                                                                                               "",
	} {
		if got := strings.Join(unmappedOptions(strings.Fields(started)), ", "); got != want {
			t.Errorf("%s: %s", started, got)
		}
	}
}

func TestTheHTTPPortOfServersThatListAnotherFirst(t *testing.T) {
	for file, want := range map[string]string{
		`image: "tensorflow/serving:2.16", ports: ["8500:8500", "8501:8501"]`:           `expose = ["8501", "8500"]`,
		`image: "nvcr.io/nvidia/tritonserver:24.01", ports: ["8001:8001", "8000:8000"]`: `expose = ["8000", "8001"]`,
		`image: me/x, ports: ["50051:50051", "8080:8080"]`:                              `expose = ["8080", "50051"]`,
	} {
		draft, err := Convert(t.Context(), Options{Files: []string{written(t, "services: {a: {"+file+"}}")}, Output: "-"})
		if err != nil || !strings.Contains(strings.Join(strings.Fields(string(draft.Text)), " "), want) {
			t.Errorf("%s: %v\n%s", file, err, draft.Text)
		}
	}
}
