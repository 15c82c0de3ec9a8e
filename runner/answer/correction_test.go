package answer

import (
	"slices"
	"testing"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/search"
)

// Each replica has a machine of its own elsewhere: the one that paid least rules.
func TestTheReplicaThatPaidLeastIsCorrectedFor(t *testing.T) {
	files := func(mapped, resident units.Bytes) *journal.Files {
		return &journal.Files{Mapped: new(int64(mapped)), Resident: new(int64(resident))}
	}
	trial := journal.Trial{Instances: []journal.Instance{
		{Files: files(60*units.MiB, 60*units.MiB)}, {Files: files(10*units.MiB, 55*units.MiB)}, {},
	}}
	memory := plans.Stage{Vary: []plans.Vary{{Dimension: plans.Memory, From: 1, To: 2, Step: 1}}}
	s := journal.Stage{Certificate: &journal.Certificate{Passed: trial.ID}, Trials: []journal.Trial{trial}}
	correct(&s, memory, search.Cell{1})
	if s.Corrected != int64(45*units.MiB) || !slices.Equal(s.SharedWith, []string{"the other replicas"}) {
		t.Errorf("%d, %q", s.Corrected, s.SharedWith)
	}
	cpus := plans.Stage{Vary: []plans.Vary{{Dimension: plans.CPUs, From: 1, To: 2, Step: 1}}}
	s = journal.Stage{Certificate: &journal.Certificate{}, Trials: []journal.Trial{trial}}
	if at, within := correct(&s, cpus, search.Cell{0, 1}); at != (search.Cell{0, 1}) || !within || s.Corrected != 0 {
		t.Errorf("a search for CPUs: %v, %v, %d", at, within, s.Corrected)
	}
}

func TestWhatATrialNeedsAlone(t *testing.T) {
	one := func(peak, mapped, resident int64) journal.Instance {
		return journal.Instance{Memory: journal.Memory{Peak: new(peak << 20)}, Files: &journal.Files{Mapped: new(mapped << 20), Resident: new(resident << 20)}}
	}
	unknown := one(120, 20, 120)
	unknown.Files.Resident = nil
	for name, c := range map[string]struct {
		instances       []journal.Instance
		need, elsewhere int64
	}{
		"others paid":                   {[]journal.Instance{one(120, 20, 120)}, 220, 100},
		"little":                        {[]journal.Instance{one(120, 20, 39)}, 0, 0},
		"just enough":                   {[]journal.Instance{one(120, 20, 40)}, 140, 20},
		"the replica that paid least":   {[]journal.Instance{one(120, 120, 120), one(20, 20, 120)}, 220, 100},
		"the size is not known":         {[]journal.Instance{unknown}, 0, 0},
		"no container, as of a refusal": {nil, 0, 0},
	} {
		need, elsewhere := Alone(journal.Trial{Instances: c.instances})
		if int64(need) != c.need<<20 || int64(elsewhere) != c.elsewhere<<20 {
			t.Errorf("%s: %s, of which %s elsewhere", name, need, elsewhere)
		}
	}
}

// A cold trial peaks at its limit, by files that were read once: what it cannot do
// without is looked for lower.
func TestTheMostThatATrialNeedsLeavesOutWhatItDoesNotMap(t *testing.T) {
	bytes := func(m units.Bytes) *int64 { return new(int64(m * units.MiB)) }
	for name, c := range map[string]struct {
		memory journal.Memory
		files  *journal.Files
		want   *int64
	}{
		"the kernel kept files":   {journal.Memory{Peak: bytes(400), Anonymous: bytes(136)}, &journal.Files{Mapped: bytes(90)}, bytes(234)},
		"it kept none":            {journal.Memory{Peak: bytes(200), Anonymous: bytes(190)}, &journal.Files{Mapped: bytes(9)}, bytes(200)},
		"files are not known":     {journal.Memory{Peak: bytes(400), Anonymous: bytes(136)}, nil, bytes(400)},
		"mapped is not known":     {journal.Memory{Peak: bytes(400), Anonymous: bytes(136)}, &journal.Files{}, bytes(400)},
		"anonymous is not known":  {journal.Memory{Peak: bytes(400)}, &journal.Files{Mapped: bytes(90)}, bytes(400)},
		"nothing is known at all": {journal.Memory{}, nil, nil},
	} {
		got := MostNeeded(journal.Instance{Memory: c.memory, Files: c.files})
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
