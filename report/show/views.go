package show

import "plan/plans"

// The parts of a plan in JSON; null is what the plan does not set.

type imageView struct {
	Address string     `json:"address"`
	Source  string     `json:"source"`
	Name    string     `json:"name"`
	Pull    string     `json:"pull"` // missing, always, never
	Push    bool       `json:"push"`
	Build   *buildView `json:"build"` // null where it is not built
}

// buildView is what an image is built from with --build.
type buildView struct {
	Context    string            `json:"context"`
	Dockerfile *string           `json:"dockerfile"`
	Args       map[string]string `json:"args"`
	Target     *string           `json:"target"`
}

type networkView struct {
	Address  string `json:"address"`
	Name     string `json:"name"`
	External bool   `json:"external"`
}

type preflightView struct {
	Address string  `json:"address"`
	Network string  `json:"network"`
	URL     *string `json:"url"`
	TCP     *string `json:"tcp"`
	Status  *int    `json:"status"`
	Within  float64 `json:"within"`
}

type serviceView struct {
	Address        string            `json:"address"`
	Image          string            `json:"image"`
	Command        []string          `json:"command"`
	Entrypoint     []string          `json:"entrypoint"`
	WorkingDir     *string           `json:"working_dir"`
	Environment    map[string]string `json:"environment"`
	EnvFiles       []envFileView     `json:"env_file"`
	User           *string           `json:"user"`
	Volumes        []volumeView      `json:"volumes"`
	Tmpfs          []tmpfsView       `json:"tmpfs"`
	ShmSize        *int64            `json:"shm_size"`
	Ulimits        []ulimitView      `json:"ulimits"`
	GPUs           *int              `json:"gpus"` // -1: all
	DependsOn      []string          `json:"depends_on"`
	RestartHelpers bool              `json:"restart_helpers"`
	Networks       []string          `json:"networks"`
	Aliases        []string          `json:"aliases"`
	ExtraHosts     map[string]string `json:"extra_hosts"`
	Expose         []int             `json:"expose"`
	Ports          []portView        `json:"ports"`
	Restart        string            `json:"restart"`
	Limits         limitsView        `json:"limits"`
	StartCPUs      *float64          `json:"start_cpus"`
	Ready          readyView         `json:"ready"`
}

type portView struct {
	Address   string `json:"address"`
	Host      *int   `json:"host"`
	Container int    `json:"container"`
}

type volumeView struct {
	Source   string `json:"source"`
	Target   string `json:"target"`
	Bind     bool   `json:"bind"`
	ReadOnly bool   `json:"read_only"`
}

// envFileView has the names of variables without their values.
type envFileView struct {
	Path  string   `json:"path"`
	Names []string `json:"names"`
}

type tmpfsView struct {
	Target  string `json:"target"`
	Options string `json:"options"`
}

type ulimitView struct {
	Name string `json:"name"`
	Soft int64  `json:"soft"` // -1: none
	Hard int64  `json:"hard"`
}

// limitsView has the limits by name: bytes, CPUs, counts.
type limitsView map[plans.Dimension]*float64

type readyView struct {
	Health  bool     `json:"health"` // the image's healthcheck first, if it has one
	Ended   bool     `json:"ended"`  // it is a job
	Path    *string  `json:"path"`
	Status  *int     `json:"status"`
	Port    *int     `json:"port"`
	TCP     *int     `json:"tcp"`
	Log     *string  `json:"log"`
	Count   *int     `json:"count"`
	Command []string `json:"command,omitempty"`
	Timeout *float64 `json:"timeout"`
	Within  float64  `json:"within"`
}

type platformView struct {
	Name         string            `json:"name"`
	Context      *string           `json:"context"`
	Namespace    *string           `json:"namespace"`
	NodeSelector map[string]string `json:"node_selector"`
	Tolerations  []string          `json:"tolerations"`
	PullSecret   *string           `json:"pull_secret"`
	AgentImage   *string           `json:"agent_image"`
}

type guardView struct {
	HostMemoryFree *int64   `json:"host_memory_free"`
	Runtime        *float64 `json:"runtime"`
	HostCPUOthers  float64  `json:"host_cpu_others"`
}
