package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"plan/containers"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/runner/journal"
)

// Helper is what a helper used in the trials of a run. It is observed, and no trial
// proves it.
type Helper struct {
	Name       string // of its service
	Rest       *int64 // lowest working set of all samples, in bytes
	WorkingSet *int64 // highest one
	Peak       *int64 // highest usage, page cache included
	CPUs       float64
	Limit      units.Bytes // that it had; 0: none
	Proposed   units.Bytes // 0: not known
}

// Of a helper the highest working set is proposed with a margin, rounded up.
const (
	helperMargin = 0.25
	helperRound  = 16 * units.MiB
)

// Helpers returns the helpers of a run, sorted by name.
func Helpers(run journal.Run) []Helper {
	var all []Helper
	for _, s := range run.Stages {
		for _, t := range s.Trials {
			if t.Evidence == nil {
				continue
			}
			for _, w := range t.Evidence.Containers {
				if w.Role != containers.Helper {
					continue
				}
				name := strings.TrimPrefix(w.Name, "plan-"+run.Run.ID+"-")
				i := slices.IndexFunc(all, func(h Helper) bool { return h.Name == name })
				if i < 0 {
					i, all = len(all), append(all, Helper{Name: name})
				}
				all[i].add(w)
			}
		}
	}
	for i := range all {
		if most := all[i].WorkingSet; most != nil {
			needed := units.Bytes(float64(*most) * (1 + helperMargin))
			all[i].Proposed = (needed + helperRound - 1) / helperRound * helperRound
		}
	}
	slices.SortFunc(all, func(a, b Helper) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// add adds what a helper used in one trial.
func (h *Helper) add(w journal.Watched) {
	h.Limit = w.Limits.Memory
	h.CPUs = max(h.CPUs, w.MeanCPUs(time.Time{}, time.Time{}))
	for _, u := range w.Usage {
		if v := (*int64)(u.WorkingSet); v != nil && (h.Rest == nil || *v < *h.Rest) {
			h.Rest = v
		}
		for _, v := range []*units.Bytes{u.WorkingSet, u.WorkingSetPeak} {
			h.WorkingSet = tty.Greater(h.WorkingSet, (*int64)(v))
		}
		h.Peak = tty.Greater(h.Peak, (*int64)(u.Peak))
	}
}

// HelpersTable returns the table of helpers; without rows where there is none.
func HelpersTable(run journal.Run) NamedTable {
	t := NamedTable{Name: "Helpers: observed in all trials, and not proven", Header: []string{
		"HELPER", "REST", "WORKING SET", "PEAK", "CPU", "LIMIT", "PROPOSED"}}
	for _, h := range Helpers(run) {
		size := func(b units.Bytes) string {
			if b == 0 {
				return tty.Unknown
			}
			return b.String()
		}
		t.Rows = append(t.Rows, []string{tty.Clean(h.Name), tty.Bytes(h.Rest), tty.Bytes(h.WorkingSet), tty.Bytes(h.Peak),
			fmt.Sprintf("%.2f", h.CPUs), size(h.Limit), size(h.Proposed)})
	}
	return t
}
