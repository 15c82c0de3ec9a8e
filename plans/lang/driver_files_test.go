package lang

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPlacesOfTheFilesOfADriver: Locust starts in the innermost folder that holds all that
// is named, as the owner of a locustfile does who imports from there.
func TestPlacesOfTheFilesOfADriver(t *testing.T) {
	for name, c := range map[string]struct {
		script, files  string
		folder, places string
	}{
		"none":                     {"load/locustfile.py", ``, "", ""},
		"beside it":                {"load/locustfile.py", `"load/helpers.py", "load/samples"`, "", "helpers.py samples/a.json"},
		"beside the plan":          {"locustfile.py", `"helpers.py", "utils"`, "", "helpers.py utils/pay.py"},
		"above it":                 {"load/locustfile.py", `"utils"`, "load", "utils/pay.py"},
		"its own folder":           {"load/locustfile.py", `"load"`, "load", "load/helpers.py load/locustfile.py load/samples/a.json"},
		"above and beside":         {"load/locustfile.py", `"load/helpers.py", "utils/pay.py"`, "load", "load/helpers.py utils/pay.py"},
		"the folder of the plan":   {"utils/pay.py", `"."`, "utils", "helpers.py load/helpers.py load/locustfile.py load/samples/a.json locustfile.py plan.hcl utils/pay.py"},
		"a folder that dots close": {"load/locustfile.py", `"load/."`, "", "helpers.py locustfile.py samples/a.json"},
	} {
		file := writePlan(t, `service "api" {
  image  = "api:1"
  expose = ["8000"]
}

check "load" {
  service = service.api

  load {
    users = 2

    driver "locust" {
      file  = "`+c.script+`"
      files = [`+c.files+`]
    }
  }
}
`)
		for _, beside := range []string{"locustfile.py", "helpers.py", "utils/pay.py", "load/locustfile.py", "load/helpers.py", "load/samples/a.json"} {
			path := filepath.Join(filepath.Dir(file), beside)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("# "+beside), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		p, diags := Load(file, Options{})
		if p == nil {
			t.Errorf("%s: %v", name, diags)
			continue
		}
		d := p.Stages[0].Load.Driver
		var places []string
		for _, f := range d.Files {
			places = append(places, f.Name)
		}
		if slices.Sort(places); d.Folder != c.folder || strings.Join(places, " ") != c.places {
			t.Errorf("%s: in %q %v, want in %q %s", name, d.Folder, places, c.folder, c.places)
		}
	}
}
