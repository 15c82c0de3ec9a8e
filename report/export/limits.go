package export

import "fmt"

// composeService has each limit twice: the file that it overrides may have it in
// either place, and `docker compose` refuses two values that differ.
type composeService struct {
	Memory        string  `yaml:"mem_limit,omitempty"`
	MemoryAndSwap string  `yaml:"memswap_limit,omitempty"` // as the memory: no swap
	CPUs          float64 `yaml:"cpus,omitempty"`
	PIDs          int     `yaml:"pids_limit,omitempty"`
	Deploy        struct {
		Replicas  int `yaml:"replicas,omitempty"`
		Resources struct {
			Limits composeLimits `yaml:"limits"`
		} `yaml:"resources"`
	} `yaml:"deploy"`
}

type composeLimits struct {
	CPUs   string `yaml:"cpus,omitempty"`
	Memory string `yaml:"memory,omitempty"`
	PIDs   int    `yaml:"pids,omitempty"`
}

// composeService returns the limits of a service in the words of Compose.
func (s Service) composeService() composeService {
	var o composeService
	if s.Memory > 0 {
		o.Memory = s.Memory.Exact()
		o.MemoryAndSwap, o.Deploy.Resources.Limits.Memory = o.Memory, o.Memory
	}
	if s.CPUs > 0 {
		o.CPUs, o.Deploy.Resources.Limits.CPUs = s.CPUs.Float(), s.CPUs.String()
	}
	o.PIDs, o.Deploy.Resources.Limits.PIDs = s.PIDs, s.PIDs
	if s.Replicas > 1 {
		o.Deploy.Replicas = s.Replicas
	}
	return o
}

type podLimits struct {
	CPU    string `yaml:"cpu,omitempty"`
	Memory string `yaml:"memory,omitempty"`
}

// podLimits returns the limits of a service in the words of Kubernetes, which has
// none for processes.
func (s Service) podLimits() podLimits {
	var limits podLimits
	if s.CPUs > 0 {
		limits.CPU = fmt.Sprintf("%dm", s.CPUs)
	}
	if s.Memory > 0 {
		limits.Memory = s.Memory.Kubernetes()
	}
	return limits
}

// updateFlags returns the limits of a service as flags of `docker update`, each after a space.
func (s Service) updateFlags() (flags string) {
	if s.Memory > 0 { // with swap: the engine refuses a memory limit above the swap limit that a container has
		flags += fmt.Sprintf(" --memory %[1]s --memory-swap %[1]s", s.Memory.Exact())
	}
	if s.CPUs > 0 {
		flags += fmt.Sprintf(" --cpus %s", s.CPUs)
	}
	if s.PIDs > 0 {
		flags += fmt.Sprintf(" --pids-limit %d", s.PIDs)
	}
	return flags
}
