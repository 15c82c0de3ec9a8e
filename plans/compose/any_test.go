package compose_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/units"
	"plan/plans/compose"
	"plan/plans/lang"
)

// writer makes up a Compose file from its grammar.
type writer struct {
	*rand.Rand
	strings.Builder
	names []string
}

// hidden is in every made up secret.
const hidden = "5ecret"

func (w *writer) chance(percent int) bool { return w.IntN(100) < percent }

func (w *writer) line(depth int, format string, args ...any) {
	w.WriteString(strings.Repeat("  ", depth) + fmt.Sprintf(format, args...) + "\n")
}

func one[T any](w *writer, of ...T) T { return of[w.IntN(len(of))] }

// some writes one of the lines at a depth, or none.
func (w *writer) some(percent, depth int, lines ...string) {
	if w.chance(percent) {
		w.line(depth, "%s", one(w, lines...))
	}
}

// text is a scalar in JSON's form, which YAML reads too.
func (w *writer) text() string {
	part := func() string {
		return one(w, "a", "Z9", " ", "$$", "$${X}", "%{x}", `\"`, `\\`, `\n`, "ü", "${SET}", "${UNSET:-b c}", "${NEEDED:?say}", "$SET", "${SET:+x}", "{", "}", "'", "#", ":", "-", "http://db:1/", "0")
	}
	text := ""
	for range w.IntN(6) {
		text += part()
	}
	return `"` + text + `"`
}

func (w *writer) file() string {
	w.names = []string{"api", one(w, "db", "d.b", "9db", "api_2"), one(w, "redis", "locust", "a-b.c_d")}[:1+w.IntN(3)]
	w.some(20, 0, `version: "3.8"`, "name: named", "name: a_b-c")
	w.line(0, "services:")
	for i, name := range w.names {
		w.service(i, name)
	}
	w.line(0, "networks:\n  own: {}\n  shared: {external: true, name: %s}", one(w, "proyecto-2_default", "x"))
	w.line(0, "volumes:\n  data: {}\n  models: {external: true}")
	w.line(0, "secrets:\n  s: {file: ./s}")
	return w.String()
}

func (w *writer) service(i int, name string) {
	w.line(1, "%s:", name)
	w.line(2, "%s", one(w, "image: team/model:1", "build: .", "{build: ., image: 'r.io:5000/a/b@sha256:"+strings.Repeat("a", 64)+"'}", "image: x:${UNSET}", "image: a/${NAME}", "image: postgres"))
	w.some(40, 2, "command: run --port 80 "+one(w, "x", "--token "+hidden, "'two words' $$HOME", "${SET} ${UNSET}"), "command: []", "command: ['sh', '-c', "+w.text()+"]")
	w.some(60, 2, "ports: ['8000:80']", "ports: ['80', '443:443/udp', '[::1]:1:2']", "ports: ['3000-3003:3000-3003', '9000-9001:1']", "ports: [{target: 80, published: '0', mode: host}]", "expose: [80, '90-92', '53/udp']")
	if w.chance(70) {
		w.line(2, "environment:")
		w.line(3, "A: %s", w.text())
		w.line(3, "A_PASSWORD: %s", one(w, hidden, `"${SET}`+hidden+`"`, `"true"`, "7", `""`, "${UNSET}", "${NEEDED:?say}"))
		w.line(3, "%s: %s", one(w, "for", "_x", "x.y", "N-1", "null1"), one(w, "1", "1.50", "true", "", "~", `http://u:`+hidden+`@db/`, "0x1F", w.text()))
	}
	w.limits()
	w.some(30, 2, "networks: [own]", "networks: [shared]", "networks: {own: {aliases: [x]}, default: }", "network_mode: host", "network_mode: none")
	w.some(30, 2, "volumes: ['data:/data', './m:/m:ro']", "volumes: [/tmp, 'models:/models:ro']", "volumes: [{type: tmpfs, target: /t}, {type: bind, source: ., target: /w}]", "volumes: ['/srv/a b:/x']")
	w.some(30, 2, "healthcheck: {test: 'curl -f http://localhost/up', start_period: 90s}", "healthcheck: {disable: true}", "healthcheck: {test: ['CMD', 'wget', 'http://127.0.0.1:80/a?token="+hidden+"']}", "healthcheck: {test: ['NONE']}", "healthcheck: {interval: 5s}")
	if i > 0 {
		w.some(30, 2, "depends_on: [api]")
	} else if len(w.names) > 1 {
		w.some(60, 2, "depends_on: ["+w.names[1]+"]", "depends_on: {"+w.names[1]+": {condition: "+one(w, "service_healthy", "service_completed_successfully")+"}}")
	}
	w.some(40, 2, "restart: always", `restart: "no"`, "restart: on-failure:3")
	w.some(20, 2, "user: '1000:1000'", "user: root", "user: a b")
	w.some(20, 2, "profiles: [x]", "entrypoint: run it", "labels: {a: b}", "secrets: [s]", "pull_policy: always", "privileged: true", "extra_hosts: ['a:1.2.3.4']", "x-own: 1", "tmpfs: /run", "shm_size: 1g", "stop_grace_period: 1m")
}

func (w *writer) limits() {
	switch w.IntN(4) {
	case 0:
		w.line(2, "mem_limit: %s\n    cpus: %s", one(w, "1", "300", "6m", "64m", "1.5g", "500g", "3t", "1234567", "9999t"), one(w, "0.0001", "0.1", "1", "2.5", "0"))
		w.some(30, 2, "scale: 0", "scale: 3", "scale: 5000")
		w.some(40, 2, "pids_limit: -1", "pids_limit: 64", "pids_limit: 9999999")
	case 1:
		w.line(2, "deploy: {replicas: %d, resources: {limits: {memory: %s, cpus: %s, pids: %d}, reservations: {memory: 1m}}}", w.IntN(4), one(w, "100M", "500G", "77k", "23G"), one(w, "'0.50'", "3"), one(w, 1, 200))
	case 2:
		w.some(50, 2, "cpu_quota: 12345", "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}")
	}
}

// convertAny turns the file that comes of a seed into a plan, and holds it to
// what every plan is held to. It says whether Compose takes the file at all.
func convertAny(t *testing.T, seed uint64) bool {
	folder := t.TempDir()
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 1))}
	text := w.file()
	path := filepath.Join(folder, "compose.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	o := compose.Options{
		Files: []string{path}, Environ: []string{"SET=of the environment", "NAME=model", "COMPOSE_PROFILES=x"}, Service: "api",
		Output: filepath.Join(folder, "plan.hcl"), HostMemory: 24 * units.GiB,
	}
	draft, err := compose.Convert(t.Context(), o)
	if err != nil {
		if _, refused := asCompose(t, folder, path, nil); refused == nil {
			t.Errorf("seed %d: %v\n%s", seed, err, text)
		}
		return false
	}
	if err := os.WriteFile(o.Output, draft.Text, 0o666); err != nil {
		t.Fatal(err)
	}
	valid(t, o.Output, draft, o.Environ, true, "P0423") // services on different networks are as the file has them
	if bytes.Contains(draft.Text, []byte(hidden)) || strings.Contains(notes(draft), hidden) {
		t.Errorf("a secret is told")
	}
	now, _ := asCompose(t, folder, path, []string{"NEEDED"})
	given, _ := asCompose(t, folder, path, append([]string{"NEEDED"}, draft.Values...))
	same(t, draft, o.Output, now, given)
	again, err := compose.Convert(t.Context(), o)
	if err != nil || !bytes.Equal(again.Text, draft.Text) || notes(again) != notes(draft) {
		t.Errorf("another time it is another plan: %v", err)
	}
	if t.Failed() {
		t.Logf("seed %d:\n%s\n%s", seed, text, draft.Text)
	}
	return true
}

// asCompose reads a file as Compose's own reader does, with these variables
// given.
func asCompose(t *testing.T, folder, path string, given []string) (*types.Project, error) {
	environment := types.Mapping{"SET": "of the environment", "NAME": "model"}
	for _, name := range given {
		environment[name] = "given-value"
	}
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: folder, ConfigFiles: []types.ConfigFile{{Filename: path}},
		Environment: environment,
	}, func(o *loader.Options) { o.SetProjectName("x", true); o.Profiles = []string{"x"} })
}

// same holds what the services of a plan are started with to what Compose
// starts them with: with the variables as they are now, or with those given
// that a plan asks for. Of secrets it knows nothing.
func same(t *testing.T, draft *compose.Draft, path string, projects ...*types.Project) {
	t.Helper()
	var environ []string
	for _, name := range draft.Values {
		environ = append(environ, "PLAN_VAR_"+name+"=given-value")
	}
	plan, _ := lang.Load(path, lang.Options{Environ: environ, Lenient: true})
	if plan == nil {
		return
	}
	like := func(got string, want func(*types.Project) string) bool {
		return slices.ContainsFunc(projects, func(p *types.Project) bool {
			return p != nil && (want(p) == got || strings.Contains(want(p), hidden))
		})
	}
	for i, service := range plan.Services {
		of := func(p *types.Project) types.ServiceConfig { return p.Services[draft.Services[i]] }
		for name, value := range service.Environment {
			if !strings.Contains(name, "PASSWORD") && !like(value, func(p *types.Project) string { return *of(p).Environment[name] }) {
				t.Errorf("%s of %s is %q", name, service.Name, value)
			}
		}
		for k, word := range service.Command {
			if !like(word, func(p *types.Project) string { return of(p).Command[k] }) {
				t.Errorf("the command of %s has %q", service.Name, word)
			}
		}
	}
}

func TestAnySmallFile(t *testing.T) {
	accepted := 0
	for seed := range uint64(30) {
		if convertAny(t, seed) {
			accepted++
		}
		if t.Failed() {
			return
		}
	}
	if accepted < 15 {
		t.Errorf("Compose takes only %d of 30 made up files", accepted)
	}
}

func FuzzAnySmallFile(f *testing.F) {
	f.Add(uint64(1_000_003))
	f.Fuzz(func(t *testing.T, seed uint64) { convertAny(t, seed) })
}
