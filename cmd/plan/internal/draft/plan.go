package draft

import (
	"fmt"
	"strings"

	"plan/internal/envfile"
	"plan/plans"
	"plan/plans/diag"
	"plan/plans/lang"
)

// Missing returns the variables of an environment that give the draft its values, and have none.
func (d *Draft) Missing(environ []string) []string {
	var missing []string
	for _, name := range d.Values() {
		if value, _ := envfile.Lookup(environ, "PLAN_VAR_"+name); value == "" {
			missing = append(missing, "PLAN_VAR_"+name)
		}
	}
	return missing
}

// Plan reads the draft as the plan that it will be at output.
func (d *Draft) Plan(output string, options lang.Options) (*plans.Plan, diag.List, error) {
	if missing := d.Missing(options.Environ); len(missing) > 0 {
		return nil, nil, fmt.Errorf("the probe starts the API, which needs values: set %s in the environment",
			strings.Join(missing, ", "))
	}
	plan, diags := lang.LoadText(output, d.Text, options)
	return plan, diags, nil
}
