package lang

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plan/plans/diag"
)

// value loads a plan whose service has one variable in its environment, and
// gives what came of it.
func value(t *testing.T, variable string, o Options) string {
	t.Helper()
	source := "variable \"v\" {\n" + variable + "\n}\n" + strings.Replace(bare, "%s", "expose = [1]\n environment = { V = jsonencode(var.v) }", 1)
	return load(t, source, o).Stages[0].Service.Environment["V"]
}

func varFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.hcl")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPrecedenceOfValues(t *testing.T) {
	variable := "type = string\ndefault = \"default\""
	environ := []string{"PLAN_VAR_v=environment", "PLAN_VAR_unknown=left alone"}
	files := []string{varFile(t, `v = "weak"`), varFile(t, `v = "file"`)}
	for want, o := range map[string]Options{
		"default":     {},
		"environment": {Environ: environ},
		"file":        {Environ: environ, VarFiles: files},
		"flag":        {Environ: environ, VarFiles: files, Vars: []string{"v=weak", "v=flag"}},
	} {
		if got := value(t, variable, o); got != `"`+want+`"` {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTextsBecomeValues(t *testing.T) {
	for _, c := range []struct{ variable, text, want string }{
		{"type = number", "1.5", "1.5"},
		{"type = bool", "true", "true"},
		{"", "[1]", `"[1]"`},
		{"type = list(number)", "[5, 10]", "[5,10]"},
		{"type = map(string)", "{ a = upper(\"x\") }", `{"a":"X"}`},
		{"type = list(size)", `["1G"]`, `["1G"]`},
		{"type = object({ a = number, b = optional(string, \"d\") })", "{ a = 1 }", `{"a":1,"b":"d"}`},
		{"type = cpus", "500m", "0.5"},
		{"type = duration", "2m30s", `"2m30s"`},
		{"type = string", "a=b", `"a=b"`},
		{"type = string", "", `""`},
	} {
		if got := value(t, c.variable, Options{Vars: []string{"v=" + c.text}}); got != c.want {
			t.Errorf("%s given %q: got %s, want %s", c.variable, c.text, got, c.want)
		}
	}
}

func TestDefaultFromTheEnvironment(t *testing.T) {
	o := Options{Environ: []string{"HOME=/root"}}
	if got := value(t, `default = env("HOME")`, o); got != `"/root"` {
		t.Errorf("got %s", got)
	}
	if got := value(t, `default = env("NOBODY")`, o); got != `""` {
		t.Errorf("not set: got %s", got)
	}
}

func TestSecretsNeverShow(t *testing.T) {
	variable := "variable \"token\" {\n  sensitive = true\n%s}\n"
	use := strings.Replace(bare, "%s", "expose = [1]\n environment = { T = var.token }\n %s", 1)
	for name, source := range map[string]string{
		"wrong duration": strings.Replace(variable, "%s", "  type = duration\n", 1) + strings.Replace(use, "%s", "", 1),
		"wrong number":   strings.Replace(variable, "%s", "  type = number\n", 1) + strings.Replace(use, "%s", "", 1),
		"wrong list":     strings.Replace(variable, "%s", "  type = list(string)\n", 1) + strings.Replace(use, "%s", "", 1),
		"broken rule": strings.Replace(variable, "%s", "  validation {\n condition = strlen(var.token) < 3\n error_message = \"no ${var.token} and ${upper(var.token)}\"\n}\n", 1) +
			strings.Replace(use, "%s", "", 1),
		"wrong word":  strings.Replace(variable, "%s", "", 1) + strings.Replace(use, "%s", "restart = var.token", 1),
		"wrong call":  strings.Replace(variable, "%s", "", 1) + strings.Replace(use, "%s", "command = [parseint(var.token, 10)]", 1),
		"wrong limit": strings.Replace(variable, "%s", "", 1) + strings.Replace(use, "%s", "limits {\n memory = var.token\n}", 1),
	} {
		for _, o := range []Options{
			{Environ: []string{"PLAN_VAR_token=hunter2hunter"}},
			{VarFiles: []string{varFile(t, `token = "hunter2hunter"`)}},
			{Vars: []string{"token=hunter2hunter"}},
		} {
			p, diags := Load(writePlan(t, source), o)
			if p != nil {
				t.Fatalf("%s: the plan loads", name)
			}
			for _, format := range diag.Formats() {
				var text strings.Builder
				if err := diags.Write(&text, format, false); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(strings.ToLower(text.String()), "hunter2") {
					t.Errorf("%s, %+v shows the secret:\n%s", name, o, text.String())
				}
			}
		}
	}
}
