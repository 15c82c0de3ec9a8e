package lang

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/internal/units"
	"plan/plans"
)

func TestOutputsWithoutAResult(t *testing.T) {
	p := load(t, strings.Replace(bare, "%s", "expose = [1]", 1)+`
check "c" {
  service = service.api
  set {
    memory = try(search.memory.found.memory, "1G")
  }
}
locals {
  found  = search.memory.found
  memory = search.memory.found.memory
}
output "try" {
  value = try(search.memory.found.memory, "none")
}
output "can" {
  value = can(search.memory.found.memory)
}
output "coalesce" {
  value = coalesce(search.memory.found.memory, "none")
}
output "member" {
  value = search.memory.found.memory == null ? "no" : "yes"
}
output "point" {
  value = search.memory.found == null ? "no" : "yes ${search.memory.found.memory}"
}
output "local" {
  value = [try(local.found.memory, "none"), coalesce(local.memory, "none")]
}
output "met" {
  value = check.c.met == null ? "not judged" : "judged"
}
output "text" {
  value = "at ${search.memory.found.memory}"
}
output "plain" {
  value = search.memory.found.memory
}`, Options{})
	ran := plans.StageResult{Trials: 3}
	for name, c := range map[string]struct {
		search plans.StageResult
		want   []any
	}{
		"nothing found": {ran, []any{"none", false, "none", "no", "no", []any{"none", "none"}, "not judged", nil, nil}},
		"nothing of it": {plans.StageResult{Found: &plans.Point{}}, []any{"none", false, "none", "no", nil, []any{"none", "none"}, "not judged", nil, nil}},
		"found":         {found(units.GiB), []any{"1G", true, "1G", "yes", "yes 1G", []any{"1G", "1G"}, "not judged", "at 1G", "1G"}},
	} {
		outputs, diags := p.Outputs(plans.Known{Stages: map[string]plans.StageResult{"search.memory": c.search, "check.c": ran}})
		var got []any
		for _, o := range outputs {
			got = append(got, o.Value)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || len(diags) > 0 {
			t.Error(name, diff, diags)
		}
	}
	outputs, diags := p.Outputs(plans.Known{})
	for _, o := range outputs {
		if o.Value != nil {
			t.Errorf("nothing has run, but %s is %v, %v", o.Name, o.Value, diags)
		}
	}
}
