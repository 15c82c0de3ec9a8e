// Package containers defines the values that all container runtimes share: what
// to run, what was observed, how a container ended, and which faults the
// environment has.
//
// containers/docker runs services in Docker; containers/cgroup reads control
// groups. This package knows nothing of plans or load.
package containers

import (
	"strconv"
	"time"

	"plan/internal/units"
)

// Limits are the resource limits of one container. Zero means no limit.
type Limits struct {
	Memory units.Bytes `json:"memory"` // bytes; no swap is added
	CPUs   units.CPUs  `json:"cpus"`   // thousandths of a CPU
	PIDs   int         `json:"pids"`   // processes and threads
}

// Spec defines one container.
type Spec struct {
	Service     string   // name of the service: an alias on its networks, unless another container has it
	Alias       string   // further alias on its networks, exclusive to the service; replicas share it
	Further     []string // further names, with the same condition as Service
	Role        Role     // purpose; "" means Subject
	Replica     int      // from 1 for services with several replicas; 0 for the only one
	Trial       string   // its trial, for labels and names; "" if it outlives trials
	Image       string   // reference or ID; must be present on the engine
	Entrypoint  []string // nil keeps the image's
	Command     []string // nil keeps the image's, unless Entrypoint is set
	WorkingDir  string   // absolute; "" keeps the image's
	Environment map[string]string
	User        string   // "name", "uid" or "uid:gid"; "" keeps the image's
	Volumes     []Volume // mounted before the start
	Tmpfs       []Tmpfs
	ShmSize     units.Bytes       // of /dev/shm; 0 keeps the engine's default
	Ulimits     []Ulimit          // of each process
	GPUs        int               // AllGPUs: all of the engine's machine
	Files       []File            // copied before the start
	Networks    []string          // names; at least one
	Hosts       map[string]string // names with an IP address or "host-gateway", as in /etc/hosts
	Expose      []int             // ports of the container; the first is the API's
	Ports       []Port            // published on the host
	Restart     string            // "no", "always", "on-failure", "unless-stopped"
	Limits      Limits
}

// LogLimit is the maximum size of a container's log on the engine. Beyond it
// the older half is dropped.
const LogLimit = 64 * units.MiB

// Role is the purpose of a container in a run.
type Role string

// Values of Role.
const (
	Subject   Role = "service"   // judged by a trial
	Helper    Role = "helper"    // a dependency of another service
	Generator Role = "generator" // generates the load: the agent, or Locust
	Neighbour Role = "neighbour" // not part of this run
)

// Volume is storage of the host in a container.
type Volume struct {
	Source   string // name of a volume; with Bind, absolute path on the engine's machine
	Target   string // absolute path in the container
	Bind     bool
	ReadOnly bool
}

// RunVolume is the volume that the containers of a run mount for a named one.
type RunVolume struct {
	Name   string      // on the engine
	Copied units.Bytes // from the named one; 0 if it is empty, does not exist, or is mounted itself
}

// VolumeCopyLimit is the maximum size of the files of a volume that a run copies.
const VolumeCopyLimit = 2 * units.GiB

// Tmpfs is an empty file system in memory.
type Tmpfs struct {
	Target  string // absolute path in the container
	Options string // mount options, comma-separated; may be empty
}

// Ulimit is a limit of each process in a container; -1 means unlimited.
type Ulimit struct {
	Name       string // the engine's name, such as nofile
	Soft, Hard int64
}

// AllGPUs requests all GPUs of the engine's machine.
const AllGPUs = -1

// File is copied into a container before it starts.
type File struct {
	Path string // absolute, in the container; missing folders are created
	Mode int64  // permission bits
	Data []byte
}

// Pull defines when an image is pulled.
type Pull string

// Values of Pull.
const (
	PullMissing Pull = "missing" // if it is not on the engine
	PullAlways  Pull = "always"
	PullNever   Pull = "never"
)

// APIPort returns the first exposed port; 0 without one.
func (s Spec) APIPort() int {
	if len(s.Expose) == 0 {
		return 0
	}
	return s.Expose[0]
}

// ReplicaText returns the number of the replica; "" for the only one.
func (s Spec) ReplicaText() string {
	if s.Replica == 0 {
		return ""
	}
	return strconv.Itoa(s.Replica)
}

// Port publishes a container's port on the host. With Host 0 the engine chooses
// the port.
type Port struct {
	Address   string // of the host; "" means all
	Host      int
	Container int
}

// Usage is the resource usage of a container at one moment. A nil pointer means
// that the source does not measure the figure. Peak and counters never
// decrease.
type Usage struct {
	At               time.Time    `json:"at"`
	WorkingSet       *units.Bytes `json:"working_set"`      // usage minus inactive file cache, as in docker stats
	WorkingSetPeak   *units.Bytes `json:"working_set_peak"` // highest of all samples so far
	Anonymous        *units.Bytes `json:"anonymous"`
	AnonymousPeak    *units.Bytes `json:"anonymous_peak"` // highest of all samples so far
	Cache            *units.Bytes `json:"cache"`
	MappedFile       *units.Bytes `json:"mapped_file,omitempty"`  // file pages charged to it and mapped
	MajorFaults      *int64       `json:"major_faults,omitempty"` // page faults that read from disk
	Refaults         *int64       `json:"refaults,omitempty"`     // file pages read again after they were evicted
	Peak             *units.Bytes `json:"peak"`                   // highest usage, page cache included
	CPUSeconds       *float64     `json:"cpu_seconds"`            // since the start
	Periods          *int64       `json:"periods"`                // periods of the CPU quota
	ThrottledPeriods *int64       `json:"throttled_periods"`      // periods in which it was throttled
	ThrottledSeconds *float64     `json:"throttled_seconds"`
	OOMKills         *int64       `json:"oom_kills"` // processes that the kernel killed for memory

	First    time.Time `json:"-"` // of the first sample with its CPU
	FirstCPU *float64  `json:"-"` // CPUSeconds then
}

// Eviction is the result of evicting files from the page cache.
type Eviction struct {
	Left       string   // why some files remain; "" if none do
	SharedWith []string // running containers that use some of the files, sorted: mapped files remain
}

// Witness is evidence that the kernel killed for memory.
type Witness struct {
	Source string    `json:"source"` // cgroup, counter, event, state, kernel
	At     time.Time `json:"at"`
	Detail string    `json:"detail,omitempty"`
}

// Reading is the usage of one container and its purpose.
type Reading struct {
	Name   string `json:"name"`
	Role   Role   `json:"role"`
	Limits Limits `json:"limits"`
	Usage  Usage  `json:"usage"`
}

// Healthcheck is a command that checks a container from inside. Exit code 0
// means healthy.
type Healthcheck struct {
	Command []string
	Timeout time.Duration // of one run; 0 means no timeout
}

// Exit is the result of a command in a container.
type Exit struct {
	Code   int
	Output string // end of stdout and stderr, on one line
}

// Process is a process in a container with its TCP sockets.
type Process struct {
	ID      int      `json:"id"` // in the process namespace of the reader
	Parent  int      `json:"parent"`
	Sockets []Socket `json:"sockets,omitempty"`
}

// Socket is a listening socket, or the server's end of an accepted connection.
type Socket struct {
	Port   int    `json:"port"`             // local port
	Remote string `json:"remote,omitempty"` // host:port; "" if it listens
}

// EventKind is the kind of an event of a container.
type EventKind string

// Events that matter to a trial.
const (
	Started EventKind = "start"
	OOM     EventKind = "oom"  // the kernel killed one of its processes for memory
	Died    EventKind = "die"  // its main process ended
	Lost    EventKind = "lost" // the engine no longer responds; no event follows

	// Requests to the engine from outside the run.
	Paused       EventKind = "pause"
	Updated      EventKind = "update"     // its limits were changed
	Disconnected EventKind = "disconnect" // from a network, also when it ends; Detail names the network
	Executed     EventKind = "exec"       // a command was run in it; Detail is the command
)

// Event is an event of a watched container.
type Event struct {
	Kind   EventKind
	At     time.Time
	Detail string
}

// State is the state of a container, running or ended.
type State struct {
	Running   bool      `json:"running"`
	ExitCode  *int      `json:"exit_code"`  // nil while it runs
	OOMKilled bool      `json:"oom_killed"` // as the engine reports it
	Killed    bool      `json:"killed"`     // a kill was requested from outside the run (the engine's kill event)
	Restarts  int       `json:"restarts"`
	Error     string    `json:"error,omitempty"`
	Displaced string    `json:"displaced,omitempty"` // why the platform ended it for reasons of its own, such as an eviction
	Notes     []string  `json:"notes,omitempty"`     // for people: what is not known, or weakens the proof
	Limits    Limits    `json:"limits"`              // read back: from its control group, else from the engine
	Started   time.Time `json:"started"`
	Finished  time.Time `json:"finished"`
	Witnesses []Witness `json:"witnesses,omitempty"` // evidence of out-of-memory kills, first witness first
	// KillsUnknown is true without witnesses where nothing shows that no process in it was killed for memory either.
	KillsUnknown bool `json:"kills_unknown,omitempty"`
	// Available after the end if a parent control group could be created.
	Peak *units.Bytes `json:"peak"`
}

// Kind is the kind of an environment fault.
type Kind string

// Values of Kind. All of them end a run with exit code 3, except TooLarge of a service under test: another limit may be
// admitted.
const (
	EngineGone  Kind = "engine"  // it no longer responds
	NoImage     Kind = "image"   // not on the engine
	NoNetwork   Kind = "network" // missing, or its name is taken
	CannotStart Kind = "start"   // the command is missing or not executable (126, 127), or the engine refuses to start it
	PortInUse   Kind = "port"
	NameInUse   Kind = "name"
	PushFailed  Kind = "push"
	NoLogin     Kind = "login"  // the registry requires other credentials
	BadBinary   Kind = "binary" // this executable cannot run as the agent
	TooLarge    Kind = "limits" // a quota, a range of limits or the nodes admit no container with as much
	Other       Kind = "other"
)

// Error is a fault of the environment with its remedy.
type Error struct {
	Kind    Kind
	Summary string // one sentence in lower case, without a full stop
	Help    string // remedy; may be empty
	Err     error
}

func (e *Error) Error() string {
	if e.Help == "" {
		return e.Summary
	}
	return e.Summary + " (" + e.Help + ")"
}

func (e *Error) Unwrap() error { return e.Err }
