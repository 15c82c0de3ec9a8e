package lang

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plan/plans"
	"plan/plans/diag"
)

// TestFilesOutsideOfTheFolder: a link in the plan's folder to a file elsewhere is a file elsewhere.
func TestFilesOutsideOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"plan/sub", "plan2"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"secret", "plan/own", "plan/sub/own", "plan2/near", "plan/..hidden"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"plan/out": "../secret", "plan/in": "sub/own", "plan/folder": "..", "linked": "plan"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, base := range []string{"plan", "linked"} {
		p := &program{file: filepath.Join(dir, base, "plan.hcl")}
		for name, want := range map[string]bool{
			"own": false, "sub/own": false, "in": false, "..hidden": false, "../" + base + "/own": false,
			"../secret": true, "out": true, "folder/secret": true, "../plan2/near": true, "/etc/passwd": true, "none": false, "out/none": true, "folder/none": true,
		} {
			if _, got := p.outsideOf(p.resolvePath(name)); got != want {
				t.Errorf("%s from %s: outside is %v", name, base, got)
			}
		}
	}
}

// TestWhatAPlanReachesThroughLinks: a plan of someone else whose folder has links.
//
// Right: reports, build contexts, Dockerfiles and mounts are listed with where they are.
func TestWhatAPlanReachesThroughLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"home", "plan/sub", "plan/pictures"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"home/keys", "plan/sub/own"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"plan/keys": "../home/keys", "plan/none": "../home/none", "plan/away": "../home", "plan/in": "sub", "plan/sub/Dockerfile": "../../home/keys",
		"plan/pictures/a.svg": "../../home/keys", "plan/pictures/b.svg": "../sub/own",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(dir, "plan"))
	at := diag.SourceRange{}
	for name, c := range map[string]struct {
		do   func(*program)
		want []string
	}{
		"a report":                         {func(p *program) { p.writes("out.json", at) }, nil},
		"a report in a link inside":        {func(p *program) { p.writes("in/out.json", at) }, nil},
		"a report in a folder to make":     {func(p *program) { p.writes("new/out.json", at) }, nil},
		"a report above":                   {func(p *program) { p.writes("../out.json", at) }, []string{"writes ../out.json"}},
		"a report at the top":              {func(p *program) { p.writes("/out.json", at) }, []string{"writes /out.json"}},
		"a report by its whole path":       {func(p *program) { p.writes(filepath.Join(dir, "plan/out.json"), at) }, nil},
		"a report through a link":          {func(p *program) { p.writes("keys", at) }, []string{"writes HOME/keys"}},
		"a link that leads nowhere":        {func(p *program) { p.writes("none", at) }, nil}, // it is replaced
		"a report behind a link":           {func(p *program) { p.writes("away/new.json", at) }, []string{"writes HOME/new.json"}},
		"pictures, of which one is a link": {func(p *program) { p.writes("pictures", at); p.writes("pictures", at) }, []string{"writes HOME/keys"}},
		"a context":                        {func(p *program) { p.builds(plans.Build{Context: filepath.Join(dir, "plan")}, at, at) }, nil},
		"a context elsewhere":              {func(p *program) { p.builds(plans.Build{Context: filepath.Join(dir, "home")}, at, at) }, []string{"reads HOME"}},
		"a context through a link":         {func(p *program) { p.builds(plans.Build{Context: filepath.Join(dir, "plan/away")}, at, at) }, []string{"reads HOME"}},
		"a Dockerfile through a link":      {func(p *program) { p.builds(plans.Build{Context: filepath.Join(dir, "plan/sub")}, at, at) }, []string{"reads HOME/keys"}},
		"a Dockerfile elsewhere": {func(p *program) {
			p.builds(plans.Build{Context: filepath.Join(dir, "plan"), Dockerfile: filepath.Join(dir, "home/keys")}, at, at)
		}, []string{"reads HOME/keys"}},
		"a mount":                {func(p *program) { p.mounts(filepath.Join(dir, "home"), at) }, []string{"mounts the folder HOME"}},
		"a mount through a link": {func(p *program) { p.mounts(filepath.Join(dir, "plan/away"), at) }, []string{"mounts the folder HOME"}},
	} {
		p := &program{file: "plan.hcl"}
		c.do(p)
		var got []string
		for _, r := range p.outside {
			got = append(got, r.Does+" "+strings.ReplaceAll(r.What, filepath.Join(dir, "home"), "HOME"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	text := smallPlan + `
image "i" {
  source = "i:1"
  build { context = "away" }
}
report "json" { path = "keys" }
service "b" {
  image   = "b"
  volumes = ["./away:/a"]
}
`
	plan, diags := LoadText("plan.hcl", []byte(text), Options{})
	if plan == nil {
		t.Fatal(diags.Error())
	}
	var does []string
	for _, r := range plan.Reaches() {
		does = append(does, r.Does)
	}
	if want := []string{"reads", "writes", "mounts"}; !slices.Equal(does, want) {
		t.Errorf("%q, want %q", does, want)
	}
}
