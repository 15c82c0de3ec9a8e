package lang

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

func example(t *testing.T) *plans.Plan {
	t.Helper()
	p, diags := Load("../minimal-resources.hcl", Options{})
	if p == nil {
		t.Fatal(diags)
	}
	return p
}

func found(m units.Bytes) plans.StageResult {
	return plans.StageResult{Found: &plans.Point{Settings: plans.Settings{Limits: plans.Limits{Memory: m}}}, Recommended: &plans.Point{Settings: plans.Settings{Limits: plans.Limits{Memory: 1500 * units.MiB}}}, Trials: 4}
}

func TestResolve(t *testing.T) {
	p := example(t)
	s, err := p.Resolve("ramp.users", plans.Known{
		Images: map[string]plans.ImageResult{"image.api": {Run: "user/api@sha256:abc"}},
		Stages: map[string]plans.StageResult{"search.memory": found(1300 * units.MiB)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Set.Memory != 1300*units.MiB || s.Limits() != (plans.Settings{Limits: plans.Limits{Memory: 1300 * units.MiB, CPUs: 500}}) || s.Unknown != nil {
		t.Errorf("got %+v", s)
	}
	if s.Service.Image != "user/api@sha256:abc" {
		t.Errorf("the image to run is %s", s.Service.Image)
	}
}

func TestFoundReadsBackExactly(t *testing.T) {
	p := example(t)
	for _, m := range []units.Bytes{1300 * units.MiB, 4 * units.GiB, 1300*units.MiB + 1, 7*units.MiB + 512*units.KiB} {
		s, err := p.Resolve("ramp.users", plans.Known{Stages: map[string]plans.StageResult{"search.memory": found(m)}})
		if err != nil || s.Set.Memory != m {
			t.Errorf("%d came back as %d, %v", m, s.Set.Memory, err)
		}
	}
}

func TestResolveWithoutTheResult(t *testing.T) {
	p := example(t)
	for name, k := range map[string]plans.Known{
		"not run":       {},
		"nothing found": {Stages: map[string]plans.StageResult{"search.memory": {Trials: 9}}},
		"nothing of it": {Stages: map[string]plans.StageResult{"search.memory": {Found: &plans.Point{}}}},
	} {
		_, err := p.Resolve("ramp.users", k)
		var missing *plans.MissingValue
		if !errors.As(err, &missing) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := p.Resolve("search.memory", plans.Known{}); err != nil {
		t.Errorf("the search needs nothing: %v", err)
	}
	if _, err := p.Resolve("search.other", plans.Known{}); err == nil {
		t.Error("a stage that does not exist resolves")
	}
}

func TestResolveReportsWhatOnlyNowIsWrong(t *testing.T) {
	p := load(t, strings.Replace(bare, "%s", "expose = [1]", 1)+`
check "c" {
  service = service.api
  set {
    memory = "${search.memory.trials}X"
  }
}
service "late" {
  image = "x:latest"
  expose = [1]
  command = [tostring(parseint(search.memory.found.memory, 10))]
}
check "late" {
  service = service.late
}`, Options{})
	k := plans.Known{Stages: map[string]plans.StageResult{"search.memory": found(units.GiB)}}
	for address, code := range map[string]string{"check.c": "P0403", "check.late": "P0419"} {
		_, err := p.Resolve(address, k)
		var diags diag.List
		if !errors.As(err, &diags) || len(diags) != 1 || diags[0].Code != code {
			t.Errorf("%s: got %v, want %s", address, err, code)
		}
	}
}

func TestOutputs(t *testing.T) {
	p := example(t)
	held := 500
	k := plans.Known{Stages: map[string]plans.StageResult{"search.memory": found(1300 * units.MiB), "ramp.users": {Held: &held}}}
	for _, c := range []struct {
		known plans.Known
		want  []any
	}{
		{plans.Known{}, []any{nil, nil}},
		{plans.Known{Stages: map[string]plans.StageResult{"search.memory": {Trials: 3}, "ramp.users": {}}}, []any{nil, nil}},
		{k, []any{"1300M", 500.0}},
	} {
		outputs, diags := p.Outputs(c.known)
		var got []any
		for _, o := range outputs {
			got = append(got, o.Value)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || diags.HasErrors() {
			t.Error(diff, diags)
		}
	}
}

func TestOutputOfManyKinds(t *testing.T) {
	p := load(t, strings.Replace(bare, "%s", "expose = [1]", 1)+`
variable "token" {
  default = "t0ken"
  sensitive = true
}
output "all" {
  sensitive = true
  description = "everything"
  value = { found = search.memory.found, list = [1, true, var.token], none = null }
}`, Options{})
	outputs, diags := p.Outputs(plans.Known{Stages: map[string]plans.StageResult{"search.memory": found(units.GiB)}})
	want := []plans.Output{{Name: "all", Description: "everything", Sensitive: true, Value: map[string]any{
		"found": map[string]any{"memory": "1G", "memory_bytes": float64(1 << 30)},
		"list":  []any{1.0, true, "t0ken"}, "none": nil,
	}}}
	if diff := cmp.Diff(want, outputs); diff != "" || diags.HasErrors() {
		t.Error(diff, diags)
	}
}

func TestAssert(t *testing.T) {
	p := load(t, strings.Replace(bare, "%s", "expose = [1]", 1)+`
check "c" {
  service = service.api
  assert "quick" {
    condition     = trial.ready_seconds < 5 && trial.memory_peak < bytes("1G")
    error_message = "It took ${trial.ready_seconds} s."
  }
  assert "calm" {
    condition     = trial.cpu_share < 0.9
    error_message = "The CPU was busy."
  }
  assert "careful" {
    condition     = trial.p95 == null || try(trial.p95 < 1, false)
    error_message = "It was slow: ${trial.p95} s, ${trial.p99} s."
  }
  assert "less" {
    condition     = trial.memory <= search.memory.found.memory_bytes
    error_message = "More than the least."
  }
}`, Options{})
	k := plans.Known{Stages: map[string]plans.StageResult{"search.memory": found(units.GiB)}}
	for _, c := range []struct {
		trial map[string]any
		want  []plans.AssertFailure
	}{
		{map[string]any{"ready_seconds": 3.5, "memory_peak": int64(5), "cpu_share": 0.5, "p95": nil, "memory": 1 << 30}, nil},
		{map[string]any{"ready_seconds": 7.5, "memory_peak": int64(5), "p95": 2.0, "memory": 1<<30 + 1}, []plans.AssertFailure{
			{Name: "quick", Message: "It took 7.5 s."},
			{Name: "calm", Message: "trial.cpu_share is not known, so the condition has no value"},
			{Name: "careful", Message: "the condition is false: trial.p95 == null || try(trial.p95 < 1, false)"},
			{Name: "less", Message: "More than the least."},
		}},
	} {
		got, diags := p.Assert("check.c", k, c.trial)
		if diff := cmp.Diff(c.want, got); diff != "" || len(diags) > 0 {
			t.Error(diff, diags)
		}
	}
}
