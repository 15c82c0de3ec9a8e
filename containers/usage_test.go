package containers

import (
	"testing"

	"plan/internal/units"
)

func TestWorkingSet(t *testing.T) {
	if got := WorkingSet(new(900*units.MiB), new(200*units.MiB)); got == nil || *got != 700*units.MiB {
		t.Errorf("got %v", got)
	}
	if got := WorkingSet(new(units.MiB), new(2*units.MiB)); got == nil || *got != 0 {
		t.Errorf("figures that were read one after the other give %v, want 0", got)
	}
	if got := WorkingSet(nil, new(units.MiB)); got != nil {
		t.Errorf("got %v of an unknown usage", got)
	}
}

func TestSamplesKeepTheirPeaksAcrossARestart(t *testing.T) {
	first := Usage{WorkingSet: new(units.Bytes(900)), Anonymous: new(units.Bytes(800)), Peak: new(units.Bytes(1000)),
		CPUSeconds: new(3.0), OOMKills: new(int64(1)), MajorFaults: new(int64(7)), Refaults: new(int64(9))}.After(Usage{}, Usage{})
	second := Usage{WorkingSet: new(units.Bytes(100)), Anonymous: new(units.Bytes(90)), Peak: new(units.Bytes(110)),
		CPUSeconds: new(0.5), OOMKills: new(int64(0)), MajorFaults: new(int64(1)), Refaults: new(int64(2))}.After(first, first)
	if *second.WorkingSet != 100 || *second.WorkingSetPeak != 900 || *second.AnonymousPeak != 800 || *second.Peak != 1000 {
		t.Errorf("peaks are lost: %+v", second)
	}
	if *second.CPUSeconds != 3.5 || *second.OOMKills != 1 || *second.MajorFaults != 8 || *second.Refaults != 11 {
		t.Errorf("counters fell: %v s, %d kills, %d major faults, %d refaults", *second.CPUSeconds, *second.OOMKills, *second.MajorFaults, *second.Refaults)
	}
}
