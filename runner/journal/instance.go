package journal

import (
	"encoding/json"

	"plan/containers"
	"plan/internal/units"
)

// instance has the fields of an Instance, without its methods.
type instance Instance

// writtenInstance is an instance as it is written: limits are bytes and CPUs like
// everywhere else in the format, null where there is none.
type writtenInstance struct {
	instance
	Limits Limits `json:"limits"`
}

// Limits of one container as they are written.
type Limits struct {
	Memory *int64   `json:"memory"` // bytes
	CPUs   *float64 `json:"cpus"`
}

// MarshalJSON writes the limits as bytes and CPUs.
func (i Instance) MarshalJSON() ([]byte, error) {
	w := writtenInstance{instance: instance(i)}
	if i.Limits.Memory > 0 {
		w.Limits.Memory = (*int64)(&i.Limits.Memory)
	}
	if i.Limits.CPUs > 0 {
		cpus := i.Limits.CPUs.Float()
		w.Limits.CPUs = &cpus
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (i *Instance) UnmarshalJSON(text []byte) error {
	var w writtenInstance
	if err := json.Unmarshal(text, &w); err != nil {
		return err
	}
	w.instance.Limits = containers.Limits{}
	if w.Limits.Memory != nil {
		w.instance.Limits.Memory = units.Bytes(*w.Limits.Memory)
	}
	if w.Limits.CPUs != nil {
		cpus, err := units.CPUsOf(*w.Limits.CPUs)
		if err != nil {
			return err
		}
		w.instance.Limits.CPUs = cpus
	}
	*i = Instance(w.instance)
	return nil
}
