package judge

import (
	"testing"

	"plan/engine"
	"plan/runner/journal"
)

func TestThrash(t *testing.T) {
	// replica is one whose counters rose by so much under load.
	replica := func(major, refaults int64) Replica {
		r := running()
		r.Loaded.MajorFaults, r.Loaded.Refaults = new(int64(500)), new(int64(9000)) // from its start
		r.End.MajorFaults, r.End.Refaults = new(500+major), new(9000+refaults)
		return r
	}
	unknown := replica(1e6, 1e6)
	unknown.End.Refaults = nil
	const text = "reads its own files again and again: 191 major faults and 63126 refaults per OK response, over 50"
	for name, c := range map[string]struct {
		replicas []Replica
		answered int64
		want     string // "" is no thrash
	}{
		"as cold-libraries at 180M":          {[]Replica{replica(955, 315_630)}, 5, text},
		"as cold-libraries at 190M":          {[]Replica{replica(550, 166_386)}, 22, ""},
		"as cold-libraries at 200M":          {[]Replica{replica(28, 4_950)}, 39, ""},
		"pages that are read the first time": {[]Replica{replica(900, 0)}, 5, ""},
		"a file that is read through":        {[]Replica{replica(3, 1e6)}, 5, ""},
		"at the limit":                       {[]Replica{replica(500, 500)}, 10, ""},
		"above the limit":                    {[]Replica{replica(501, 501)}, 10, "reads its own files again and again: 50 major faults and 50 refaults per OK response, over 50"},
		"two replicas in sum":                {[]Replica{replica(955, 315_630), replica(0, 0)}, 5, text},
		"nothing is known":                   {[]Replica{running()}, 5, ""},
		"one counter is not known":           {[]Replica{replica(1e6, 1e6), unknown}, 5, ""},
		"no answer":                          {[]Replica{replica(1e6, 1e6)}, 0, ""},
	} {
		o := trial(journal.PhaseEnd, c.replicas...)
		o.Load = &engine.Result{Total: engine.Counts{OK: c.answered}}
		got := thrashViolation(o)
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("%s: %q", name, got[0].text)
		case c.want != "" && (len(got) != 1 || got[0].text != c.want || got[0].reason != journal.Thrash || got[0].doubtful):
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
	}
}

func TestThrashIsReportedBeforeWhatItCauses(t *testing.T) {
	o := loaded(good(nil))
	o.Replicas[0].Loaded.MajorFaults, o.Replicas[0].Loaded.Refaults = new(int64), new(int64)
	o.Replicas[0].End.MajorFaults, o.Replicas[0].End.Refaults = new(int64(60_000)), new(int64(90_000))
	v := Judge(o, bound("p95", 0.05))
	if v.Verdict != journal.Failed || v.Reason != journal.Thrash || len(v.Failures) != 2 {
		t.Errorf("%+v", v)
	}
	if v := Judge(o, Criteria{}); v.Reason != journal.Thrash { // also where nothing bounds the latency
		t.Errorf("%+v", v)
	}
}
