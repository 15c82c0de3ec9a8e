package journal

import (
	"plan/containers"
	"plan/internal/units"
	"plan/plans"
)

// Settings of a trial; null is what is not given.
type Settings struct {
	Memory   *int64   `json:"memory"` // bytes
	CPUs     *float64 `json:"cpus"`
	Replicas *int     `json:"replicas"`
}

// Point is an answer: the settings that it is about.
type Point Settings

// Limits of one container; null where there is none.
type Limits struct {
	Memory *int64   `json:"memory"` // bytes
	CPUs   *float64 `json:"cpus"`
	PIDs   *int     `json:"pids"` // processes and threads
}

// SettingsOf writes what a stage can set.
func SettingsOf(s plans.Settings) Settings {
	return Settings{Memory: given(int64(s.Memory)), CPUs: given(s.CPUs.Float()), Replicas: given(s.Replicas)}
}

// Values are the settings as a plan has them: 0 is what is not given.
func (s Settings) Values() plans.Settings {
	return plans.Settings{Limits: Limits{Memory: s.Memory, CPUs: s.CPUs}.Values(), Replicas: orZero(s.Replicas)}
}

// LimitsOf writes the limits of a container.
func LimitsOf(l containers.Limits) Limits {
	return Limits{Memory: given(int64(l.Memory)), CPUs: given(l.CPUs.Float()), PIDs: given(l.PIDs)}
}

// Values are the limits as a plan has them: 0 is no limit.
func (l Limits) Values() plans.Limits {
	cpus := units.CPUs(plans.CPUs.Value(orZero(l.CPUs)))
	return plans.Limits{Memory: units.Bytes(orZero(l.Memory)), CPUs: cpus, PIDs: orZero(l.PIDs)}
}

// Settings are those that the trial ran at: what was set, and the limits that
// its containers had besides.
func (t Trial) Settings() plans.Settings {
	s := t.Set.Values()
	if len(t.Instances) > 0 {
		s = s.Over(plans.Settings{Limits: t.Instances[0].Limits.Values()})
	}
	return s
}

// given is nil of 0.
func given[T int | int64 | float64](n T) *T {
	if n == 0 {
		return nil
	}
	return &n
}

// orZero is 0 of nil.
func orZero[T int | int64 | float64](n *T) T {
	if n == nil {
		return 0
	}
	return *n
}
