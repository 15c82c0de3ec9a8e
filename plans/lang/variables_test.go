package lang

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"plan/internal/mask"
	"plan/plans"
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

// A sensitive number is masked as it is written: in texts and JSON, and by programs that
// read it as a floating-point number. Short ones are masked as short texts are.
func TestSensitiveNumbersAreMasked(t *testing.T) {
	for name, c := range map[string]struct {
		typ, value string
		masked     string // lines that show it, however it is given
		kept       string
	}{
		"a whole number":        {"number", "48151623", "PIN 48151623\n{\"pin\":48151623}\npin=48151623&x=1\n4.8151623e+07\nid-48151623-a", "PIN 4815162"},
		"without a type":        {"any", "48151623", "PIN 48151623", "PIN 4815162"},
		"a fraction":            {"number", "0.1234567", "0.1234567\n1.234567e-01", "0.123456"},
		"below 0":               {"number", "-48151623", "-48151623", "48151624"},
		"more than a float has": {"number", "12345678901234567890", "12345678901234567890\n12345678901234567000\n1.2345678901234567e+19", "1234567"},
		"of a list":             {"list(number)", "[48151623, 2342]", "a 48151623\nPIN 2342.", "x2342"},
		"a short one":           {"number", "2342", "PIN 2342.", "x2342 and 23421"},
		"as a text":             {"string", "48151623", "PIN 48151623", "PIN 4815162"},
	} {
		source := fmt.Sprintf("variable \"pin\" {\n  type = %s\n  sensitive = true\n%%s}\n", c.typ) + strings.Replace(bare, "%s", "expose = [1]", 1)
		given := strings.Replace(source, "%s", "", 1)
		written := c.value
		if c.typ == "string" {
			written = strconv.Quote(c.value)
		}
		for way, p := range map[string]*plans.Plan{
			"a default":       load(t, strings.Replace(source, "%s", "  default = "+written+"\n", 1), Options{}),
			"a file":          load(t, given, Options{VarFiles: []string{varFile(t, "pin = "+written)}}),
			"the environment": load(t, given, Options{Environ: []string{"PLAN_VAR_pin=" + c.value}}),
		} {
			m := mask.New(p.Secrets)
			for line := range strings.SplitSeq(c.masked, "\n") {
				if got := m.Text(line); !strings.Contains(got, mask.Stars) || strings.ContainsAny(got, "23456789") {
					t.Errorf("%s by %s: %q shows it in %q", name, way, got, line)
				}
			}
			if got := m.Text(c.kept); got != c.kept {
				t.Errorf("%s by %s: %q is masked: %q", name, way, c.kept, got)
			}
		}
	}
}
