package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// at is a range on a line of its own.
func at(line int) diag.SourceRange {
	return diag.SourceRange{File: "plan.hcl", Start: diag.Position{Line: line, Column: 1, Byte: line * 100}}
}

// block declares a block whose attributes stand on the lines after its own.
func block(line int, name, label string, attributes ...string) *plans.Decl {
	d := plans.NewDecl(name, label, at(line))
	for i, a := range attributes {
		d.Declare(a, at(line+i+1), at(line+i+1))
	}
	return d
}

func with(d *plans.Decl, blocks ...*plans.Decl) *plans.Decl {
	for _, b := range blocks {
		d.Nest(b)
	}
	return d
}

// found is a diagnostic as its code and line.
type found struct {
	code string
	line int
}

func expect(t *testing.T, name string, got diag.List, want ...found) {
	t.Helper()
	var all []found
	for _, d := range got {
		all = append(all, found{d.Code, d.Start.Line})
	}
	if !slices.Equal(all, want) {
		t.Errorf("%s: got %v, want %v", name, all, want)
	}
}

func TestRangeOfASearch(t *testing.T) {
	for name, c := range map[string]struct {
		vary plans.Vary
		want []found
	}{
		"fits":             {plans.Vary{Dimension: plans.Memory, From: 100, To: 300, Step: 100}, nil},
		"one value":        {plans.Vary{Dimension: plans.Memory, From: 100, To: 100, Step: 100}, nil},
		"steps over to":    {plans.Vary{Dimension: plans.Memory, From: 100, To: 350, Step: 100}, []found{{"P0411", 12}}},
		"backwards":        {plans.Vary{Dimension: plans.Memory, From: 300, To: 100, Step: 100}, []found{{"P0410", 12}}},
		"as many as may":   {plans.Vary{Dimension: plans.CPUs, From: 1, To: mostValues, Step: 1}, nil},
		"one too many":     {plans.Vary{Dimension: plans.CPUs, From: 1, To: mostValues + 1, Step: 1}, []found{{"P0410", 13}}},
		"known only later": {plans.Vary{Dimension: plans.Memory, To: 350, Step: 100}, nil},
		"not searchable":   {plans.Vary{Dimension: plans.PIDs, From: 300, To: 100, Step: 100}, nil},
	} {
		decl := with(block(1, "search", "s"), block(10, "vary", string(c.vary.Dimension), "from", "to", "step"))
		expect(t, name, Search(plans.Stage{Kind: plans.Search, Decl: decl, Vary: []plans.Vary{c.vary}}), c.want...)
	}
}

func TestTimesOfALoad(t *testing.T) {
	scenario := plans.Scenario{
		Address: "scenario.s", Decl: with(block(1, "scenario", "s", "think_time"), block(4, "request", "a", "timeout")),
		Requests: []exchange.Request{{Name: "a", Timeout: 20 * time.Second}},
	}
	for name, c := range map[string]struct {
		users   int
		spawn   float64
		runtime time.Duration
		want    []found
	}{
		"in half of the runtime": {11, 1, 20 * time.Second, nil},
		"in more than half":      {11, 1, 19 * time.Second, []found{{"P0412", 13}, {"P0418", 14}}},
		"not within it":          {11, 1, 10 * time.Second, []found{{"P0412", 13}, {"P0418", 14}}},
		"known only later":       {11, 1, 0, nil},
		"a request may time out": {1, 1, 20 * time.Second, nil},
		"no request may":         {1, 1, 20*time.Second - 1, []found{{"P0418", 14}}},
	} {
		load := block(10, "load", "", "scenario", "users", "spawn_rate", "runtime")
		s := plans.Stage{Decl: with(block(9, "check", "c"), load), Load: &plans.Workload{Scenario: scenario, Users: c.users, SpawnRate: c.spawn, Runtime: c.runtime}}
		expect(t, name, Load(s), c.want...)
	}
}

func TestLimitsAgainstAHost(t *testing.T) {
	host := Host{Memory: 4 * units.GiB, CPUs: 2000, MemoryLimit: true, SwapLimit: true, Images: []string{"a:latest"}}
	for name, c := range map[string]struct {
		limits plans.Settings
		want   []found
	}{
		"all that it has": {plans.Settings{Limits: plans.Limits{Memory: 4 * units.GiB, CPUs: 2000}}, nil},
		"more memory":     {plans.Settings{Limits: plans.Limits{Memory: 4*units.GiB + 1, CPUs: 1}}, []found{{"P0501", 6}}},
		"more CPUs":       {plans.Settings{Limits: plans.Limits{Memory: units.GiB, CPUs: 2001}}, []found{{"P0507", 7}}},
		"the least":       {plans.Settings{Limits: plans.Limits{Memory: leastMemory, CPUs: 1}}, nil},
		"less":            {plans.Settings{Limits: plans.Limits{Memory: leastMemory - 1, CPUs: 1}}, []found{{"P0502", 6}}},
	} {
		service := plans.Service{Address: "service.a", Image: "a", Limits: c.limits, Decl: with(block(1, "service", "a", "image"), block(5, "limits", "", "memory", "cpus"))}
		expect(t, name, host.Check(&plans.Plan{File: "plan.hcl", Services: []plans.Service{service}}), c.want...)
	}
}

// TestTheLeastOfALimitRange: a namespace may demand more than a plan asks for.
func TestTheLeastOfALimitRange(t *testing.T) {
	for name, c := range map[string]struct {
		limits, least plans.Limits
		want          []found
	}{
		"no demands":      {plans.Limits{Memory: 1, CPUs: 1}, plans.Limits{}, nil},
		"as much":         {plans.Limits{Memory: units.GiB, CPUs: 500}, plans.Limits{Memory: units.GiB, CPUs: 500}, nil},
		"too little":      {plans.Limits{Memory: units.GiB - 1, CPUs: 499}, plans.Limits{Memory: units.GiB, CPUs: 500}, []found{{"P0502", 6}, {"P0502", 7}, {"P0502", 9}}},
		"demands of CPUs": {plans.Limits{Memory: 1, CPUs: 499}, plans.Limits{CPUs: 500}, []found{{"P0502", 7}}},
	} {
		host := Host{Kubernetes: true, Memory: 4 * units.GiB, CPUs: 2000, Least: c.least}
		service := plans.Service{Address: "service.a", Image: "a", Limits: plans.Settings{Limits: c.limits},
			Decl: with(block(1, "service", "a", "image"), block(5, "limits", "", "memory", "cpus"))}
		stage := plans.Stage{Kind: plans.Search, Service: service, Decl: with(block(7, "search", "s"), block(8, "vary", "memory", "from", "to")),
			Vary: []plans.Vary{{Dimension: plans.Memory, From: int64(c.limits.Memory), To: int64(2 * units.GiB), Step: 1}}}
		got := host.Check(&plans.Plan{File: "plan.hcl", Services: []plans.Service{service}, Stages: []plans.Stage{stage}})
		expect(t, name, got, c.want...)
		for _, d := range got {
			if !strings.Contains(d.Summary, "a limit range of the namespace accepts no ") {
				t.Errorf("%s: %q", name, d.Summary)
			}
		}
	}
}

// TestReplicasAreOnSeveralNodes of a cluster: what one pod can have bounds each of them, and not all together.
func TestReplicasAreOnSeveralNodes(t *testing.T) {
	for name, c := range map[string]struct {
		kubernetes bool
		memory     units.Bytes
		want       []found
	}{
		"one machine":         {false, 4 * units.GiB, []found{{"P0501", 23}}},
		"a cluster":           {true, 4 * units.GiB, nil},
		"more than a pod can": {true, 10*units.GiB + 1, []found{{"P0501", 22}}},
		"less than Docker":    {true, units.MiB, nil},
	} {
		host := Host{Kubernetes: c.kubernetes, Memory: 10 * units.GiB, CPUs: 2000, MemoryLimit: true, SwapLimit: true, Images: []string{"a:latest"}}
		set := plans.Settings{Limits: plans.Limits{Memory: c.memory}, Replicas: 3}
		decl := with(block(20, "check", "c"), block(21, "set", "", "memory", "replicas"))
		service := plans.Service{Address: "service.a", Image: "a", Decl: block(1, "service", "a", "image")}
		stage := plans.Stage{Kind: plans.Check, Service: service, Set: set, Decl: decl}
		got := host.Check(&plans.Plan{File: "plan.hcl", Services: []plans.Service{service}, Stages: []plans.Stage{stage}})
		expect(t, name, got, c.want...)
		for _, d := range got {
			if c.kubernetes && !strings.Contains(d.Summary, "a pod can have") {
				t.Errorf("%s: %q", name, d.Summary)
			}
		}
	}
}

// More CPU until a service is ready is a limit too.
func TestCPUsUntilReadyAgainstAHost(t *testing.T) {
	host := Host{Memory: units.GiB, CPUs: 2000, MemoryLimit: true, SwapLimit: true, Images: []string{"a:latest"}}
	for cpus, want := range map[units.CPUs][]found{2000: nil, 2001: {{"P0507", 7}}} {
		service := plans.Service{Address: "service.a", Image: "a", StartCPUs: cpus, Limits: plans.Settings{Limits: plans.Limits{CPUs: 500}},
			Decl: with(block(1, "service", "a", "image"), block(5, "limits", "", "cpus", "start_cpus"))}
		expect(t, cpus.String(), host.Check(&plans.Plan{File: "plan.hcl", Services: []plans.Service{service}}), want...)
	}
}

func TestNetworksThatMustBeThere(t *testing.T) {
	host := Host{Memory: units.GiB, MemoryLimit: true, SwapLimit: true, Networks: []string{"there"}, Images: []string{"a:latest"}}
	p := &plans.Plan{
		File:       "plan.hcl",
		Networks:   []plans.Network{{Name: "own", Decl: block(1, "network", "own")}, {Name: "outside", External: true, Decl: block(3, "network", "outside", "external")}},
		Preflights: []plans.Preflight{{Network: "there", External: true, Decl: block(10, "preflight", "p", "network")}},
		Services:   []plans.Service{{Image: "a", Networks: []string{"own", "gone"}, External: []string{"gone"}, Decl: block(20, "service", "a", "image", "networks")}},
	}
	expect(t, "networks", host.Check(p), found{"P0504", 3}, found{"P0504", 22})
}

func TestAPlanWithoutAFile(t *testing.T) {
	s := plans.Stage{Kind: plans.Check, Service: plans.Service{Ports: []plans.Port{{Host: 80, Container: 80}}}, Load: &plans.Workload{Users: 1, Runtime: time.Minute}}
	s.Set.Replicas = 2
	if got := Plan(&plans.Plan{Stages: []plans.Stage{s}}); len(got) != 1 || got[0].Code != "P0422" || got[0].Start.Line != 0 {
		t.Errorf("got %v", got)
	}
}
