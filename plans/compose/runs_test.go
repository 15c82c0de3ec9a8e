package compose

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

func TestWhatAServiceRuns(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  role
		name  string
	}{
		{[]string{"uvicorn", "main:app"}, serverRole, "uvicorn"},
		{[]string{"/app/.venv/bin/gunicorn", "m"}, serverRole, "gunicorn"},
		{[]string{"uv", "run", "--no-dev", "python", "-u", "-m", "uvicorn", "m:a"}, serverRole, "uvicorn"},
		{[]string{"poetry", "run", "streamlit", "run", "app.py"}, pageRole, "streamlit"},
		{[]string{"tini", "--", "env", "A=b", "locust", "-f", "x.py"}, loadRole, "locust"},
		{[]string{"sh", "-c", "pip install mlflow && exec mlflow server --port 5000"}, storeRole, "mlflow"},
		{[]string{"mlflow", "models", "serve"}, serverRole, "mlflow models"},
		{[]string{"celery", "-A", "tasks", "worker"}, workerRole, "celery"},
		{[]string{"celery", "-A", "tasks", "flower"}, pageRole, "flower"},
		{[]string{"airflow", "db", "migrate"}, jobRole, "airflow"},
		{[]string{"airflow", "scheduler"}, pageRole, "airflow"},
		{[]string{"sh", "-c", "until mc ready m; do sleep 1; done; mc mb m/models; exit 0"}, jobRole, "exit"},
		{[]string{"bash", "-ec", "echo 'a; uvicorn b' && psql -f x.sql"}, jobRole, "psql"},
		{[]string{"sh", "-c", "alembic upgrade head && ./start"}, unknownRole, ""},
		{[]string{"sh", "-c", "mc mb x; sleep infinity"}, unknownRole, ""},
		{[]string{"sh", "-c", "run() { uvicorn m:a; }; case $X in a) run;; esac"}, serverRole, "uvicorn"},
		{[]string{"sh", "-c", "while ! [[ -f /ok ]]; do (sleep 1); done; mc mb \"$(cat /a; uvicorn b)\""}, jobRole, "mc"},
		{[]string{"sh", "start.sh"}, unknownRole, ""},
		{[]string{"python", "train.py"}, unknownRole, ""},
		{[]string{"exec"}, unknownRole, ""},
		{nil, unknownRole, ""},
	} {
		var x types.ServiceConfig
		x.Command = c.words
		got := runningTool(x)
		if got.role != c.want || got.name != c.name {
			t.Errorf("%q: %d %q, not %d %q", c.words, got.role, got.name, c.want, c.name)
		}
	}
}

func TestCommandsOfAScript(t *testing.T) {
	for script, want := range map[string][][]string{
		"a b&&c||d;e|f&g\nh":                       {{"a", "b"}, {"c"}, {"d"}, {"e"}, {"f"}, {"g"}, {"h"}},
		"a \\\n --b \"x \\\n y\"\r\nc":             {{"a", "--b", "x  y"}, {"c"}},
		`a 'b; c' "d && 'e'" f\ g "\$h\i"`:         {{"a", "b; c", "d && 'e'", "f g", `$h\i`}},
		"a >b 2>&1 c &>d <e >>f; g 2 > h":          {{"a", "c"}, {"g", "2"}},
		"a # b; c\nd x#y ''":                       {{"a"}, {"d", "x#y", ""}},
		"exec a 'open":                             {{"a", "open"}},
		"cat <<'END' > x && a\ndon't; b\nEND\nc d": {{"cat"}, {"a"}, {"c", "d"}},
		"cat <<-E\n\tit's\n\tE\nc <<<x\nd":         {{"cat"}, {"c"}, {"d"}},
		"a <<E\nit's":                              {{"a"}},
		"if a $(b; c); then (d \"`e; f`\"); fi":    {{"a", "$(b; c)"}, {"d", "`e; f`"}},
		"a b; c) d; e":                             {{"a", "b"}, {"c"}},
		"":                                         nil,
	} {
		if diff := cmp.Diff(want, commandsOf([]string{"sh", "-c", script})); diff != "" {
			t.Errorf("%q:\n%s", script, diff)
		}
	}
}

func TestWhatAServiceIsCalledAfter(t *testing.T) {
	for name, want := range map[string]role{
		"postgres": storeRole, "mlops-postgres": storeRole, "model-db": storeRole, "mlflow_server": storeRole, "airflow-webserver": pageRole, "model-ui": pageRole,
		"redis-api": unknownRole, "postgres-exporter": monitorRole, "locust-worker-2": loadRole, "worker": workerRole, "minio-setup": jobRole, "api": unknownRole, "DB": storeRole,
	} {
		if got := toolNamed(name).role; got != want {
			t.Errorf("%s: %d, not %d", name, got, want)
		}
	}
}

func TestWhatAServiceReaches(t *testing.T) {
	for file, want := range map[string][]need{
		`{a: {image: x, environment: {DB_HOST: db}}, db: {image: postgres}}`:                                                    {{"db", "DB_HOST"}},
		`{a: {image: x, environment: {DB_USER: mlflow, KEY: mlflow}}, mlflow: {image: y}}`:                                      nil,
		`{a: {image: x, environment: {KIND: feast}}, feast: {image: y}}`:                                                        nil,
		`{a: {image: x, environment: {FEAST_HOST: feast}}, feast: {image: y}}`:                                                  {{"feast", "FEAST_HOST"}},
		`{a: {image: x, environment: {BROKERS: "k1:9092,k2:9092"}}, k1: {image: y}, k2: {image: z}}`:                            {{"k1", "BROKERS"}, {"k2", "BROKERS"}},
		`{a: {image: x, environment: {DSN: "host=store port=1"}}, b: {image: y, container_name: store}}`:                        {{"b", "DSN"}},
		`{a: {image: x, command: "serve --tracking http://t:5000 m:app"}, t: {image: y}, m: {image: z}}`:                        {{"t", "its command"}},
		`{a: {image: x, links: ["t:named"], environment: {U: "http://named:5000"}}, t: {image: y}}`:                             {{"t", "U"}},
		`{a: {image: x, environment: {U: "http://other/"}, networks: {n: }}, t: {image: y, networks: {n: {aliases: [other]}}}}`: {{"t", "U"}},
		// No host is no service, although most have no further name.
		`{a: {image: x, environment: {U_URI: "", V_HOST: "${UNSET}"}}, b: {image: y}, c: {image: z, container_name: c1}}`:                    nil,
		`{a: {image: x, environment: ["U_URL=${UNSET:-}", "V_SERVER"]}, b: {image: y, hostname: b1}}`:                                        nil,
		`{a: {image: x, environment: {U_URL: "http://${UNSET}:5000/x", HOSTS: ":9092,"}}, b: {image: y, networks: {n: {aliases: [other]}}}}`: nil,
		`{a: {image: x, environment: {U_HOST: " "}, command: "run --host= --to http://"}, b: {image: y}}`:                                    nil,
	} {
		s, err := read(t.Context(), []string{composeFile(t, "services: "+file+"\nnetworks: {n: {}}")}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, s.reaches(s.Services["a"]), cmp.AllowUnexported(need{})); diff != "" {
			t.Errorf("%s:\n%s", file, diff)
		}
	}
}
