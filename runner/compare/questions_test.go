package compare

import (
	"slices"
	"testing"

	"plan/engine"
	"plan/plans"
	"plan/runner/journal"
)

// checked is a check under a load, of users or of arrivals, that was met or not.
func checked(id string, met bool, users int, arrivals *float64, requests ...string) journal.Run {
	t := step("check.users/1", users, 0.1)
	t.Users, t.Arrivals = &users, arrivals
	t.Load.ByRequest = map[string]engine.Counts{}
	for _, request := range requests {
		t.Load.ByRequest[request] = engine.Counts{}
	}
	s := journal.Stage{Address: "check.users", Kind: plans.Check, Service: "service.api", Verdict: journal.Passed, Met: &met,
		Certificate: &journal.Certificate{Passed: t.ID, Failed: []string{}}}
	if !met {
		t.Verdict, t.Reason = journal.Failed, new(journal.OOMLoad)
		s.Verdict, s.Certificate = journal.Failed, &journal.Certificate{Failed: []string{t.ID}}
	}
	s.Trials = []journal.Trial{t}
	return run(id, s)
}

func TestQuestions(t *testing.T) {
	const ask = "the runs ask different questions: "
	five, six := new(5.0), new(6.0)
	for _, c := range []pair{
		{"met before", checked("a", true, 10, nil), checked("b", false, 10, nil), Worse,
			"check.users/1 of the first run at 10 users passed, and check.users/1 of the second run at 10 users failed: oom_load; at the limit of 1000M, the trial that passed has 500M left"},
		{"met now", checked("a", false, 10, nil), checked("b", true, 10, nil), Better, "check.users/1 of the second run at 10 users passed"},
		{"met in both", checked("a", true, 10, nil), checked("b", true, 10, nil), Unchanged, "the same answer"},
		{"met in none", checked("a", false, 10, nil), checked("b", false, 10, nil), Unchanged, "the same answer"},
		{"arrivals", checked("a", true, 90, five), checked("b", false, 90, five), Worse, "check.users/1 of the first run at 5/s passed, and check.users/1 of the second run at 5/s failed"},
		{"more arrivals", checked("a", true, 90, five, "get"), checked("b", true, 90, six, "get"), Unclear, ask + "a load of 5/s plan with get, then of 6/s plan with get"},
		{"more users", checked("a", true, 10, nil, "get"), checked("b", true, 1, nil, "get"), Unclear, ask + "a load of 10 users plan with get, then of 1 user plan with get"},
		{"other requests", checked("a", true, 10, nil, "get"), checked("b", true, 10, nil, "put", "get"), Unclear, ask + "a load of 10 users plan with get, then of 10 users plan with get or put"},
		{"of another kind", checked("a", true, 10, nil), changed(ramp("b", 0.1), func(s *journal.Stage) { s.Address = "check.users" }), Unclear, ask + "check, then ramp"},
		{"no preference before", changed(found("a", 1300, 1250), several), changed(found("b", 1300, 1250), func(s *journal.Stage) {
			several(s)
			s.Prefer = ""
		}), Unclear, ask + "prefer memory, then nothing"},
		{"no thresholds now", ramp("a", 0.1), changed(ramp("b", 0.1), func(s *journal.Stage) { s.Thresholds, s.HasThreshold = nil, false }), Unclear, ask + "thresholds p95 0.5, then none"},
		{"thresholds in another order", bounded(ramp("a", 0.1), journal.Threshold{Metric: "p50", Limit: 1}, journal.Threshold{Metric: "p95", Limit: 2}),
			bounded(ramp("b", 0.1), journal.Threshold{Metric: "p95", Limit: 2}, journal.Threshold{Metric: "p50", Limit: 1}), Unchanged, "the same answer"},
		{"no combination now", changed(found("a", 1300, 1250), several), changed(found("b", 0, 0), several), Worse, "search.memory/1 of the second run at 2000M failed"},
		{"no trial counts", ramp("a", 0.1), changed(ramp("b", 0.1), func(s *journal.Stage) { s.SetAside = 1 }), Unclear, "the second run has no answer: no trial counts"},
		{"fewer CPUs in both", changed(found("a", 1300, 1250), func(s *journal.Stage) { s.Trials[1].Set.CPUs = new(0.6) }),
			changed(found("b", 1400, 1350), func(s *journal.Stage) { s.Trials[2].Set.CPUs = new(0.5) }), Unclear, "search.memory/3 at 0.5 CPU, and search.memory/2 at 0.6 CPU"},
		{"as many CPUs in both", changed(found("a", 1300, 1250), func(s *journal.Stage) { s.Trials[1].Set.CPUs = new(0.5) }),
			changed(found("b", 1400, 1350), func(s *journal.Stage) { s.Trials[2].Set.CPUs = new(0.5) }), Worse, ""},
		{"CPUs that were fewer before", changed(found("a", 1400, 1350), func(s *journal.Stage) { s.Trials[2].Set.CPUs = new(0.5) }), found("b", 1300, 1250), Unchanged,
			"not worse, and not proven better: the trials also had different limits"},
		{"less memory, under a load", changed(ramp("a", 0.01, 0.02, 4), func(s *journal.Stage) { s.Trials[1].Set.Memory = new(int64(1100 << 20)) }), ramp("b", 0.01, 4), Unclear,
			"ramp.users/2 at 1000M, and ramp.users/2 at 1100M"},
	} {
		c.check(t)
	}
}

// A metric that counts something says nothing; one that did not change is not there,
// even where its share is none.
func TestWhatMovesByMuch(t *testing.T) {
	served := func(id string, p95, p99, rate float64, ok int64) journal.Run { // a p99 of 0 is not known
		latency := engine.Percentiles{P95: &p95}
		if p99 > 0 {
			latency.P99 = &p99
		}
		r := measured(ramp(id, p95), "", engine.Judged{OK: ok, OKRate: rate, Latency: latency})
		last(&r.Stages[0]).Load.OK = ok
		return bounded(r, journal.Threshold{Metric: "p99", Limit: 2}, journal.Threshold{Request: "get", Metric: "p95", Limit: 3},
			journal.Threshold{Metric: "p95", Limit: 0.5})
	}
	for _, c := range []struct {
		name   string
		a, b   journal.Run
		want   []string // of the metrics
		limits []float64
	}{
		{"more was served in a longer time", served("a", 0.1, 0.2, 9, 1000), served("b", 0.1, 0.2, 9, 2000), nil, nil},
		{"none was served", served("a", 0.1, 0.2, 0, 1000), served("b", 0.1, 0.2, 0, 1000), nil, nil},
		{"none was served before", served("a", 0.1, 0.2, 0, 1000), served("b", 0.1, 0.2, 9, 1000), []string{"throughput"}, []float64{0}},
		{"a percentile that only one knows", served("a", 0.1, 0.2, 9, 1000), served("b", 0.1, 0, 9, 1000), nil, nil},
		{"a percentile that only the other one knows", served("a", 0.1, 0, 9, 1000), served("b", 0.1, 0.2, 9, 1000), nil, nil},
		{"it was faster", served("a", 0.2, 0.2, 9, 1000), served("b", 0.1, 0.2, 9, 1000), []string{"p95"}, []float64{0.5}},
		{"both percentiles", served("a", 0.1, 0.1, 9, 1000), served("b", 0.2, 0.2, 9, 1000), []string{"p95", "p99"}, []float64{0.5, 2}},
	} {
		moved := Runs(c.a, c.b).Stages[0].Moved
		if len(moved) != len(c.want) {
			t.Errorf("%s: %+v", c.name, moved)
			continue
		}
		for i, m := range moved {
			limit := 0.0
			if m.Limit != nil {
				limit = *m.Limit
			}
			if m.Metric.Name != c.want[i] || limit != c.limits[i] {
				t.Errorf("%s: %s, with a limit of %v", c.name, m.Metric.Name, limit)
			}
		}
	}
}

func TestNotesOfThePlatform(t *testing.T) {
	of := func(engine string, p *journal.Platform) journal.Run {
		r := ramp("a", 0.1)
		r.Run.Host.Engine, r.Run.Platform = engine, p
		return r
	}
	one, other := &journal.Platform{Name: "kubernetes", Context: "one", Namespace: "a"}, &journal.Platform{Name: "kubernetes", Context: "other", Namespace: "b"}
	for _, c := range []struct {
		a, b journal.Run
		want []string
	}{
		{of("28.5", nil), of("v1.30", one), []string{"platform: Docker Engine, then Kubernetes"}},
		{of("v1.30", one), of("28.5", nil), []string{"platform: Kubernetes, then Docker Engine"}},
		{of("v1.30", one), of("v1.31", other), []string{"version of Kubernetes: v1.30, then v1.31", "context: one, then other", "namespace: a, then b"}},
		{of("28.5", nil), of("28.5", nil), nil},
	} {
		if got := Runs(c.a, c.b).Notes; !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// Of a request with a threshold what moved is listed, with its own limit.
func TestWhatMovesOfARequest(t *testing.T) {
	with := func(id string, p95 float64, thresholds ...journal.Threshold) journal.Run {
		r := bounded(ramp(id, 0.1), thresholds...)
		last(&r.Stages[0]).Load.JudgedByRequest = map[string]engine.Judged{"predict": {OK: 10, OKRate: 5, Latency: engine.Percentiles{P95: &p95}}}
		return r
	}
	own := []journal.Threshold{{Metric: "p95", Limit: 9}, {Request: "predict", Metric: "p95", Limit: 0.5}, {Request: "predict", Metric: "throughput", Limit: 1}, {Request: "other", Metric: "p95", Limit: 3}}
	moved := Runs(with("a", 0.1, own...), with("b", 0.48, own...)).Stages[0].Moved
	if len(moved) != 1 || moved[0].Request != "predict" || moved[0].Metric.Name != "p95" || moved[0].A != 0.1 || moved[0].B != 0.48 || *moved[0].Limit != 0.5 {
		t.Errorf("%+v", moved)
	}
	if moved := Runs(with("a", 0.1), with("b", 0.48)).Stages[0].Moved; moved != nil {
		t.Errorf("without a threshold: %+v", moved)
	}
}

// Only what both runs know is a difference.
func TestNotesOfWhatBothKnow(t *testing.T) {
	image := func(name, digest string) []journal.Image {
		i := journal.Image{Address: "image.api", Name: name}
		if digest != "" {
			i.Digest = &digest
		}
		return []journal.Image{i}
	}
	for _, c := range []struct {
		name    string
		kernels [2]string
		images  [2][]journal.Image
		want    []string
	}{
		{name: "another kernel", kernels: [2]string{"5.10", "6.1"}, want: []string{"kernel: 5.10, then 6.1"}},
		{name: "the kernel is known of one", kernels: [2]string{"5.10", ""}},
		{name: "the kernel is known of the other one", kernels: [2]string{"", "6.1"}},
		{name: "the same image", images: [2][]journal.Image{image("api:1", "sha256:ab"), image("api:1", "sha256:ab")}},
		{name: "another name", images: [2][]journal.Image{image("api:1", ""), image("api:2", "")}, want: []string{"image.api: api:1, then api:2"}},
		{name: "another digest", images: [2][]journal.Image{image("api:1", "sha256:ab"), image("api:1", "sha256:cd")},
			want: []string{"image.api: api:1 sha256:ab, then api:1 sha256:cd"}},
	} {
		a, b := found("a", 1300, 1250), found("b", 1300, 1250)
		a.Run.Host.Kernel, b.Run.Host.Kernel = c.kernels[0], c.kernels[1]
		a.Images, b.Images = c.images[0], c.images[1]
		got := Runs(a, b).Notes
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// asking is a run with inputs: the hash of the load of its stage, a variable, a secret, and files.
func asking(r journal.Run, version, load, variable, secret, file, env string) journal.Run {
	r.Run.Version = version
	r.Inputs = &journal.Inputs{
		Variables: map[string]journal.Input{"users": {Value: variable}, "key": {Hash: journal.Digest(secret)}},
		Files:     map[string]journal.Digest{"rows.csv": journal.Digest(file), ".env": journal.Digest(env)},
	}
	if load != "" {
		r.Inputs.Loads = map[string]journal.Digest{r.Stages[0].Address: journal.Digest(load)}
	}
	return r
}

func TestLoadsByTheirHashes(t *testing.T) {
	const differ = "the runs ask different questions: the loads differ in their requests, times or rates"
	a, b := ramp("a", 0.01, 0.02, 4), ramp("b", 0.01, 4)
	for _, c := range []pair{
		{"the same load", asking(a, "1", "sha256:1", "", "", "", ""), asking(b, "1", "sha256:1", "", "", "", ""), Worse, ""},
		{"another load", asking(a, "1", "sha256:1", "", "", "", ""), asking(b, "1", "sha256:2", "", "", "", ""), Unclear, differ},
		{"of another version", asking(a, "1", "sha256:1", "", "", "", ""), asking(b, "2", "sha256:2", "", "", "", ""), Worse, ""},
		{"not known before", asking(a, "1", "", "", "", "", ""), asking(b, "1", "sha256:2", "", "", "", ""), Worse, ""},
		{"not known now", asking(a, "1", "sha256:1", "", "", "", ""), asking(b, "1", "", "", "", "", ""), Worse, ""},
		{"without inputs", a, asking(b, "", "sha256:2", "", "", "", ""), Worse, ""},
	} {
		c.check(t)
	}
}

// What the plan asks differently is noted; a hash of a secret differs in any case.
func TestNotesOfThePlan(t *testing.T) {
	a, b := asking(ramp("a", 0.01), "", "", "[10]", "pbkdf2-sha256:aa", "sha256:aa", "pbkdf2-sha256:cc"), asking(ramp("b", 0.01), "", "", "[20]", "pbkdf2-sha256:bb", "sha256:bb", "pbkdf2-sha256:dd")
	a.Plan.SHA256, b.Plan.SHA256 = "0123456789abcdef", "1123456789abcdef"
	got := Runs(a, b).Notes
	want := []string{"plan file: sha256:0123456789ab, then sha256:1123456789ab", "var.users: [10], then [20]", "file rows.csv: sha256:aa, then sha256:bb"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, digests := range [][2]string{{"sha256:aa", "pbkdf2-sha256:bb"}, {"pbkdf2-sha256:aa", "sha256:bb"}} { // it has secrets in one of the runs
		a.Inputs.Files["rows.csv"], b.Inputs.Files["rows.csv"] = journal.Digest(digests[0]), journal.Digest(digests[1])
		if got := Runs(a, b).Notes; !slices.Equal(got, want[:2]) {
			t.Errorf("%q: %q", digests, got)
		}
	}
	a.Inputs, a.Plan.SHA256 = nil, ""
	if got := Runs(a, b).Notes; got != nil {
		t.Errorf("what the first run does not know: %q", got)
	}
}
