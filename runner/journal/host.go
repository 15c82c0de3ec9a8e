package journal

import (
	"time"

	"plan/containers"
)

// HostCPUOf returns who used the CPUs between two moments, as far as there are
// samples; nil where there are none. A zero to is no bound.
func HostCPUOf(host []HostSample, watched []Watched, from, to time.Time, cpus float64) *HostCPU {
	var busy, seconds float64 // each sample has the weight of the time since the one before
	var until time.Time
	for i, s := range host {
		if i == 0 || host[i-1].At.Before(from) || !to.IsZero() && s.At.After(to) {
			continue
		}
		took := s.At.Sub(host[i-1].At).Seconds()
		busy += s.CPUBusy * took
		seconds += took
		until = s.At
	}
	if seconds == 0 {
		return nil
	}
	h := HostCPU{CPUs: cpus, Busy: busy / seconds}
	use := map[containers.Role]*float64{
		containers.Subject: &h.Service, containers.Generator: &h.Generator, containers.Helper: &h.Helpers, containers.Neighbour: &h.Neighbours,
	}
	for _, w := range watched {
		if sum := use[w.Role]; sum != nil {
			*sum += w.MeanCPUs(from, until)
		}
	}
	h.Other = max(0, h.Busy-h.Service-h.Generator-h.Helpers-h.Neighbours)
	return &h
}

// Foreign returns the CPUs that others than the run used.
func (h HostCPU) Foreign() float64 { return h.Neighbours + h.Other }
