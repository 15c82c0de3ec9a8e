package lang

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"plan/internal/golden"
	"plan/plans/check"
	"plan/plans/diag"
)

func TestFormatsOfDiagnostics(t *testing.T) {
	diags := diagnose(t, "testdata/bad/P0405/ramp.txtar")
	diags = append(diags, diagnose(t, "testdata/bad/P0212/list.txtar")...)
	for _, format := range []string{"line", "json"} {
		var text bytes.Buffer
		if err := diags.Write(&text, format, false); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "testdata/diagnostics."+format, text.Bytes())
	}
	if err := diags.Write(&bytes.Buffer{}, "xml", false); err == nil {
		t.Error("there is a format xml")
	}
}

func TestColorOnlyWhenAsked(t *testing.T) {
	_, diags := Load(writePlan(t, "servise \"x\" {}\n"), Options{})
	for _, color := range []bool{false, true} {
		var text bytes.Buffer
		if err := diags.Write(&text, "human", color); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text.String(), "\x1b[") != color {
			t.Errorf("color %v: %q", color, text.String())
		}
	}
}

func TestCaretUnderTabsAndLongLetters(t *testing.T) {
	_, diags := Load(writePlan(t, "# ä\nlocals {\n\tä = \"ö\"\n\tb = [\"üü\", vra.x]\n}\n"+strings.Replace(bare, "%s", "expose = [local.b]", 1)), Options{})
	var text bytes.Buffer
	if err := diags.Write(&text, "human", false); err != nil {
		t.Fatal(err)
	}
	if want := "    4 | \tb = [\"üü\", vra.x]\n      | \t           ^^^^^\n"; !strings.Contains(text.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", text.String(), want)
	}
}

func TestUnchecked(t *testing.T) {
	diags := check.Unchecked(example(t), errors.New("nobody answers"))
	if len(diags) != 1 || diags[0].Code != "P0500" || diags[0].Severity != diag.Warning || !strings.Contains(diags[0].Summary, "nobody answers") {
		t.Errorf("got %v", diags)
	}
}

func TestWhichRegistriesWantCredentials(t *testing.T) {
	for name, wants := range map[string]diag.Severity{
		"localhost:5000/api:v1": "", "127.0.0.1:5000/api:v1": "",
		"api:v1": diag.Error, "user/api:v1": diag.Error, "quay.io/user/api:v1": diag.Warning, "ghcr.io/user/api:v1": "",
	} {
		p := load(t, "image \"i\" {\n source = \"fast-api-mlflow:latest\"\n name = \""+name+"\"\n push = true\n}\n"+
			strings.Replace(strings.Replace(bare, `"x:latest"`, "image.i", 1), "%s", "expose = [1]", 1), Options{})
		var got diag.Severity
		for _, d := range testHost.Check(p) {
			got = d.Severity
		}
		if got != wants {
			t.Errorf("%s: %q, want %q", name, got, wants)
		}
	}
}

func TestReferencesToImagesInTheirForms(t *testing.T) {
	for reference, there := range map[string]bool{
		"fast-api-mlflow": true, "docker.io/library/redis:7.4": true, "redis:7.4": true, "redis": false,
		"sha256:" + strings.Repeat("ab", 32): true,
	} {
		p := load(t, strings.Replace(strings.Replace(bare, "x:latest", reference, 1), "%s", "expose = [1]", 1), Options{})
		if diags := testHost.Check(p); (len(diags) == 0) != there {
			t.Errorf("%s: %v", reference, diags)
		}
	}
}

func TestFormat(t *testing.T) {
	got, diags := Format([]byte("plan \"x\" {\nlanguage=1\n}\n"), "x.hcl")
	if string(got) != "plan \"x\" {\n  language = 1\n}\n" || diags.HasErrors() {
		t.Errorf("got %s, %v", got, diags)
	}
	if got, diags := Format([]byte("plan {"), "x.hcl"); got != nil || diags[0].Code != "P0001" || diags[0].File != "x.hcl" {
		t.Errorf("got %s, %v", got, diags)
	}
}
