package journal

import (
	"plan/containers"
	"plan/internal/units"
	"plan/plans"
)

// Settings of a trial; null where they are not set.
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

// SettingsOf returns the settings of a stage.
func SettingsOf(s plans.Settings) Settings {
	return Settings{Memory: orNil(int64(s.Memory)), CPUs: orNil(s.CPUs.Float()), Replicas: orNil(s.Replicas)}
}

// Values returns the settings as a plan has them: 0 where they are not set.
func (s Settings) Values() plans.Settings {
	return plans.Settings{Limits: Limits{Memory: s.Memory, CPUs: s.CPUs}.Values(), Replicas: orZero(s.Replicas)}
}

// LimitsOf returns the limits of a container.
func LimitsOf(l containers.Limits) Limits {
	return Limits{Memory: orNil(int64(l.Memory)), CPUs: orNil(l.CPUs.Float()), PIDs: orNil(l.PIDs)}
}

// Values returns the limits as a plan has them: 0 is no limit.
func (l Limits) Values() plans.Limits {
	cpus := units.CPUs(plans.CPUs.Value(orZero(l.CPUs)))
	return plans.Limits{Memory: units.Bytes(orZero(l.Memory)), CPUs: cpus, PIDs: orZero(l.PIDs)}
}

// Settings returns those of the trial: what was set, and the other limits of its
// containers.
func (t Trial) Settings() plans.Settings {
	s := t.Set.Values()
	if len(t.Instances) > 0 {
		s = s.Over(plans.Settings{Limits: t.Instances[0].Limits.Values()})
	}
	return s
}

// orNil returns nil for 0.
func orNil[T int | int64 | float64](n T) *T {
	if n == 0 {
		return nil
	}
	return &n
}

// orZero returns 0 for nil.
func orZero[T int | int64 | float64](n *T) T {
	if n == nil {
		return 0
	}
	return *n
}
