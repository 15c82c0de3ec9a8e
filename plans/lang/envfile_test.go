package lang

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/plans"
	"plan/plans/diag"
)

// Values of files go into the containers alone; those that count as secrets are kept
// out of everything that is printed.
func TestFilesOfEnvironmentVariables(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"plan.hcl": `service "api" {
  image       = "x:1"
  expose      = ["8000"]
  env_file    = ["a.env", "b.env"]
  environment = { PORT = "8000" }
}

check "starts" {
  service = service.api
}
`,
		"a.env": "PORT=1\nMODE=slow\nDB_PASSWORD=hunter2\nEMPTY_TOKEN=\nPIN_KEY=123\nAUTH_TOKEN=false\n",
		"b.env": "MODE=fast\nURL=http://me:letmein@$HOST:$PORT/\nKEY_FILE=/run/key\nMODE2=$MODE\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, diags := Load(filepath.Join(folder, "plan.hcl"), Options{Environ: []string{"HOST=db"}})
	if p == nil {
		t.Fatal(diags)
	}
	want := map[string]string{
		"PORT": "8000", "MODE": "fast", "MODE2": "fast", "DB_PASSWORD": "hunter2", "EMPTY_TOKEN": "", "PIN_KEY": "123", "AUTH_TOKEN": "false",
		"URL": "http://me:letmein@db:8000/", "KEY_FILE": "/run/key",
	}
	if diff := cmp.Diff(want, p.Services[0].Variables()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"PORT": "8000"}, p.Services[0].Environment); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"http://me:letmein@db:8000/", "hunter2"}, slices.Sorted(slices.Values(p.Secrets))); diff != "" {
		t.Error(diff)
	}
	stage, err := p.Resolve("check.starts", plans.Known{})
	if err != nil || !maps.Equal(stage.Service.Variables(), want) {
		t.Errorf("a stage has other variables: %v, %v", stage.Service.Variables(), err)
	}
}

func TestDefaultsFromComposeFiles(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"plan.hcl": `variable "password" {
  type      = string
  sensitive = true
  default   = env("db.PASSWORD", "./override.yml", "./compose.yaml")
}

variable "token" {
  type      = string
  sensitive = true
  default   = env("db.TOKEN", "./compose.yaml")
}

service "api" {
  image       = "x:1"
  expose      = ["8000"]
  environment = { PASSWORD = var.password, TOKEN = var.token }
}

check "starts" {
  service = service.api
}
`,
		"compose.yaml": "services: {db: {environment: {PASSWORD: '${DB_PASSWORD:-hunter2}', TOKEN: '$TOKEN_OF_DB'}}, api: {environment: {PASSWORD: other}}}",
		"override.yml": "services: {api: {image: x}}", ".env": "TOKEN_OF_DB=letmein",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for environ, want := range map[string]string{"": "hunter2", "DB_PASSWORD=of the environment": "of the environment", "PLAN_VAR_password=given": "given"} {
		p, diags := Load(filepath.Join(folder, "plan.hcl"), Options{Environ: []string{environ}})
		if p == nil {
			t.Fatal(diags)
		}
		if got := p.Services[0].Environment; got["PASSWORD"] != want || got["TOKEN"] != "letmein" || !slices.Contains(p.Secrets, want) {
			t.Errorf("%q: %v", environ, got)
		}
	}
}

func TestDefaultsFromFilesOfEnvironmentVariables(t *testing.T) {
	for _, c := range []struct {
		file    string // "-": there is none
		environ []string
		lenient bool
		want    string // the value, or what is wrong
	}{
		{file: "TOKEN=hunter2", want: "hunter2"},
		{file: "TOKEN=hunter2", environ: []string{"TOKEN=of the environment"}, want: "of the environment"},
		{file: "TOKEN=hunter2", environ: []string{"PLAN_VAR_TOKEN=given-value"}, want: "given-value"},
		{file: "TOKEN=", want: ""},
		{file: "TOKEN=$OTHER", environ: []string{"OTHER=hunter2"}, want: "hunter2"},
		{file: "OTHER=hunter2", want: "error: var.TOKEN has no value (put TOKEN into ./.env, or set PLAN_VAR_TOKEN in the environment, or use --var-file)"},
		{file: "-", want: "error: var.TOKEN has no value (put TOKEN into ./.env, or set PLAN_VAR_TOKEN in the environment, or use --var-file)"},
		{file: "-", lenient: true, want: "warning: var.TOKEN has no value (put TOKEN into ./.env, or set PLAN_VAR_TOKEN in the environment, or use --var-file)"},
		{file: "TOKEN hunter2=1", want: "error: the expression has no value: call to function \"env\" failed: ./.env: line 1 is not NAME=value ()"},
	} {
		folder := t.TempDir()
		for name, text := range map[string]string{".env": c.file, "plan.hcl": `variable "TOKEN" {
  type      = string
  sensitive = true
  default   = env("TOKEN", "./.env")
}

service "api" {
  image       = "x:1"
  expose      = ["8000"]
  environment = { TOKEN = var.TOKEN }
}

check "starts" {
  service = service.api
}
`} {
			if text == "-" {
				continue
			}
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p, diags := Load(filepath.Join(folder, "plan.hcl"), Options{Environ: c.environ, Lenient: c.lenient})
		got := ""
		switch diags = slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Severity == diag.Note }); {
		case len(diags) > 0:
			got = fmt.Sprintf("%s: %s (%s)", diags[0].Severity, diags[0].Summary, diags[0].Help)
		default:
			got = p.Services[0].Environment["TOKEN"]
			if got != "" && !slices.Contains(p.Secrets, got) {
				t.Errorf("%+v: %q is not kept secret", c, got)
			}
		}
		if got != c.want {
			t.Errorf("%+v:\n%s\n%s", c, got, c.want)
		}
	}
}
