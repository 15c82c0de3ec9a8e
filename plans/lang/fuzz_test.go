package lang

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"plan/internal/exchange"
	"plan/plans"
	"plan/plans/diag"
)

// FuzzLoad: whatever a file holds, loading it ends without a panic, and gives
// a plan or an error that can be printed in every format.
func FuzzLoad(f *testing.F) {
	file := filepath.Join(f.TempDir(), "plan.hcl")
	archives, _ := filepath.Glob("testdata/bad/P*/*.txtar")
	for _, archive := range archives {
		files, err := txtar.ParseFile(archive)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(files.Files[0].Data)
		for _, beside := range files.Files[1:] {
			if err := os.WriteFile(filepath.Join(filepath.Dir(file), beside.Name), beside.Data, 0o644); err != nil {
				f.Fatal(err)
			}
		}
	}
	for _, file := range []string{"../minimal-resources.hcl", "../smoke.hcl"} {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	for _, source := range []string{
		"", "\x00", "\xef\xbb\xbf", "\"", "plan", "plan \"x\" {", "search \"\" {}", "a = ", "locals { a = local.a }",
		"search \"a\" {\n vary \"memory\" {\n from=1e999999999\n to=\"1e30T\"\n step=-1\n}\n}", strings.Repeat("a {", 500),
		fmt.Sprintf(fedPlan, "path = \"/${feed.users.id}?a=${feed.items.tags}\"\n json = merge(feed.items, { a = \"x${feed.users.name}\", b = var.x ? feed.users.id : \"\" })"),
		fmt.Sprintf(fedPlan, "path = \"/\"\n query = feed.users\n headers = { A = \"${feed.users.id}\" }\n multipart = { a = feed.items.id, b = { file = \"cat.png\" } }"),
		"output \"x\" { value = \"${1e999999}\" }", "variable \"x\" { type = list(\n default = null }", "locals {\n\ta = [for x in range(9): x...]\n}",
	} {
		f.Add([]byte(source))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		if err := os.WriteFile(file, source, 0o644); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		p, diags := Load(file, Options{Vars: []string{"users=5"}, Version: "0.1.0"})
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("loading took %s", took)
		}
		if (p == nil) != diags.HasErrors() {
			t.Fatalf("a plan %v with %v", p, diags)
		}
		for _, format := range diag.Formats() {
			if err := diags.Write(&bytes.Buffer{}, format, true); err != nil {
				t.Fatal(err)
			}
		}
		if p != nil {
			exercise(t, p)
		}
	})
}

// fedPlan is a plan with feeds and a request of some lines.
const fedPlan = `
variable "x" {
  default = true
}
service "api" {
  image  = "x:latest"
  expose = [1]
}
scenario "s" {
  feed "users" {
    file = "users.csv"
  }
  feed "items" {
    file = "items.jsonl"
  }
  request "r" {
    %s
  }
  on_start {
    request "login" {
      path = "/${feed.users.id}"
    }
  }
}
check "c" {
  service = service.api
  load {
    scenario = scenario.s
    stages   = [{ rate = poisson("5/s"), over = "1m" }]
    warm_up  = "5s"
  }
}
`

// exercise asks a plan for everything that it can give.
func exercise(t *testing.T, p *plans.Plan) {
	t.Helper()
	testHost.Check(p)
	p.Bounds()
	p.Outputs(plans.Known{})
	for _, s := range p.Stages {
		for _, v := range s.Vary {
			if len(v.Grid()) != v.Size() && len(s.Unknown) == 0 {
				t.Errorf("%s: %d values, counted as %d", s.Address, len(v.Grid()), v.Size())
			}
		}
		if s.Load != nil {
			onlyHoles(t, s.Load.Scenario)
		}
		p.Resolve(s.Address, plans.Known{})
		p.Assert(s.Address, plans.Known{}, map[string]any{"memory": 1})
	}
}

// onlyHoles holds the requests of a scenario to having nothing that looks like
// a hole but holes of its feeds.
func onlyHoles(t *testing.T, s plans.Scenario) {
	t.Helper()
	var holes []string
	for _, f := range s.Feeds {
		for _, column := range f.Columns {
			for _, form := range []exchange.Form{exchange.FormText, exchange.FormURL, exchange.FormJSON, exchange.FormValue} {
				holes = append(holes, exchange.Placeholder(form, f.Name, column), "")
			}
		}
	}
	without := strings.NewReplacer(holes...)
	for _, q := range slices.Concat(s.Requests, s.OnStart) {
		if sent := without.Replace(fmt.Sprint(q.Path, q.Header, string(q.Body))); reserved(sent) {
			t.Errorf("%s of %s sends %q", q.Name, s.Address, sent)
		}
	}
}
