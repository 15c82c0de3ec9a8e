package draft

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"plan/internal/envfile"
	"plan/plans"
	"plan/plans/diag"
	"plan/plans/lang"
)

// Plan reads the draft as the plan that it will be: from a file beside the output, since
// paths in it are relative to its folder.
func (d *Draft) Plan(output string, options lang.Options) (*plans.Plan, diag.List, error) {
	var missing []string
	for _, name := range d.Values() {
		if value, _ := envfile.Lookup(options.Environ, "PLAN_VAR_"+name); value == "" {
			missing = append(missing, "PLAN_VAR_"+name)
		}
	}
	if len(missing) > 0 {
		return nil, nil, fmt.Errorf("the probe starts the API, which needs values: set %s in the environment",
			strings.Join(missing, ", "))
	}
	folder := filepath.Dir(output)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, nil, err
	}
	file, err := os.CreateTemp(folder, ".plan-probe-*.hcl")
	if err != nil {
		return nil, nil, err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(d.Text)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, nil, err
	}
	plan, diags := lang.Load(file.Name(), options)
	return plan, diags, nil
}
