// Package containers holds the values that every way of running a service
// under limits shares: what to run, what was seen, how it ended, what failed.
//
// containers/docker runs services in Docker; containers/cgroup reads control
// groups. Nothing here knows of plans or load.
package containers

import (
	"time"

	"plan/internal/units"
)

// Limits are what one container may use. Zero means no limit.
type Limits struct {
	Memory units.Bytes `json:"memory"` // bytes; swap is never added to it
	CPUs   units.CPUs  `json:"cpus"`   // thousandths of a CPU
	PIDs   int         `json:"pids"`   // processes and threads
}

// Spec is one container to run.
type Spec struct {
	Service     string   // the service's name: its alias on a network, if nobody else holds it
	Alias       string   // a further name on its networks, which nobody else may have; replicas share it
	Further     []string // names beside Service, under the same condition
	Role        Role     // what it is there for; "" is Subject
	Replica     int      // from 1 where several containers share the service's name; 0 for the only one
	Trial       string   // the trial it belongs to, for labels and names; "" for what outlives trials
	Image       string   // reference or id; must be on the engine
	Entrypoint  []string // nil keeps the image's own
	Command     []string // nil keeps the image's own, unless there is an Entrypoint
	WorkingDir  string   // absolute; "" keeps the image's own
	Environment map[string]string
	User        string   // "name", "uid" or "uid:gid"; "" keeps the image's own
	Volumes     []Volume // mounted before the start
	Tmpfs       []Tmpfs
	ShmSize     units.Bytes       // of /dev/shm; 0 keeps the engine's own
	Ulimits     []Ulimit          // of each process
	GPUs        int               // AllGPUs: all of the engine's machine
	Files       []File            // copied in before the start
	Networks    []string          // names; at least one
	Hosts       map[string]string // names that are found at an IP address, or at "host-gateway", whatever the networks say
	Expose      []int             // ports inside; the first one is the API's
	Ports       []Port            // published on the host
	Restart     string            // "no", "always", "on-failure", "unless-stopped"
	Limits      Limits
}

// LogLimit is how much of a container's log is kept, as the engine writes it: of
// more, the older half is lost.
const LogLimit = 64 * units.MiB

// Role is what a container of a run is there for.
type Role string

// The roles of containers.
const (
	Subject   Role = "service"   // what a trial judges
	Helper    Role = "helper"    // a service that another one depends on
	Generator Role = "generator" // puts the load on: the agent, or another driver
	Neighbour Role = "neighbour" // none of this run's
)

// Volume is storage of the host in a container.
type Volume struct {
	Source   string // a volume's name; or, of Bind, an absolute path on the engine's machine
	Target   string // absolute path inside
	Bind     bool
	ReadOnly bool
}

// Tmpfs is an empty file system in memory.
type Tmpfs struct {
	Target  string // absolute path inside
	Options string // of the mount, with commas between them; may be empty
}

// Ulimit is a limit of each process in a container; -1 is none.
type Ulimit struct {
	Name       string // as the engine names it: nofile
	Soft, Hard int64
}

// AllGPUs asks for all that the engine's machine has.
const AllGPUs = -1

// File is copied into a container before it starts.
type File struct {
	Path string // absolute, inside; folders that are missing are made
	Mode int64  // permission bits
	Data []byte
}

// Pull says when an image is fetched from its registry.
type Pull string

// The ways to pull.
const (
	PullMissing Pull = "missing" // when it is not on the engine
	PullAlways  Pull = "always"
	PullNever   Pull = "never"
)

// APIPort is the first exposed port; 0 when there is none.
func (s Spec) APIPort() int {
	if len(s.Expose) == 0 {
		return 0
	}
	return s.Expose[0]
}

// Port publishes a container's port on the host; Host 0 lets the engine choose.
type Port struct {
	Address   string // of the host; "" means all
	Host      int
	Container int
}

// Usage is what a container has used, at one moment. A nil pointer is a figure
// that this source does not have. Peak and counters only ever grow.
type Usage struct {
	At               time.Time    `json:"at"`
	WorkingSet       *units.Bytes `json:"working_set"`      // usage less inactive file cache, as docker stats shows it
	WorkingSetPeak   *units.Bytes `json:"working_set_peak"` // highest of all samples so far
	Anonymous        *units.Bytes `json:"anonymous"`
	AnonymousPeak    *units.Bytes `json:"anonymous_peak"` // highest of all samples so far
	Cache            *units.Bytes `json:"cache"`
	MappedFile       *units.Bytes `json:"mapped_file,omitempty"`  // file pages that are charged to it and mapped
	MajorFaults      *int64       `json:"major_faults,omitempty"` // pages that were read from disk to go on
	Refaults         *int64       `json:"refaults,omitempty"`     // file pages that were read again after they had been dropped
	Peak             *units.Bytes `json:"peak"`                   // highest usage ever, page cache included
	CPUSeconds       *float64     `json:"cpu_seconds"`            // since the start
	Periods          *int64       `json:"periods"`                // of the CPU quota
	ThrottledPeriods *int64       `json:"throttled_periods"`      //
	ThrottledSeconds *float64     `json:"throttled_seconds"`
	OOMKills         *int64       `json:"oom_kills"` // processes killed by the kernel for memory
}

// Eviction is what became of evicting files from the page cache.
type Eviction struct {
	Left       string   // why some were left, in words; "" when none were
	SharedWith []string // containers that run and use some of the files, sorted: what they map stays
}

// Witness is one piece of evidence that the kernel killed for memory.
type Witness struct {
	Source string    `json:"source"` // cgroup, counter, event, state, kernel
	At     time.Time `json:"at"`
	Detail string    `json:"detail,omitempty"`
}

// Reading is what one container uses, with what it is there for.
type Reading struct {
	Name   string `json:"name"`
	Role   Role   `json:"role"`
	Limits Limits `json:"limits"`
	Usage  Usage  `json:"usage"`
}

// Healthcheck is a command that says, run in a container, whether it is well:
// by ending with 0.
type Healthcheck struct {
	Command []string
	Timeout time.Duration // of one run; 0: no bound
}

// Exit is how a command that was run in a container ended.
type Exit struct {
	Code   int
	Output string // the end of what it printed on both streams, on one line
}

// Process is one that runs in a container, and what of TCP it holds.
type Process struct {
	ID      int      `json:"id"` // in whatever process namespace it was read
	Parent  int      `json:"parent"`
	Sockets []Socket `json:"sockets,omitempty"`
}

// Socket is one that listens, or one end of a connection that was accepted.
type Socket struct {
	Port   int    `json:"port"`             // this side's
	Remote string `json:"remote,omitempty"` // host:port; "" of one that listens
}

// EventKind is what happened to a container.
type EventKind string

// The events that matter to a trial.
const (
	Started EventKind = "start"
	OOM     EventKind = "oom"  // the kernel killed a process in it for memory
	Died    EventKind = "die"  // its main process ended
	Lost    EventKind = "lost" // the engine no longer answers; nothing more will be told

	// What somebody else asked the engine to do to it.
	Paused       EventKind = "pause"
	Updated      EventKind = "update"     // its limits were changed
	Disconnected EventKind = "disconnect" // from a network, also by its own end; Detail names it
	Executed     EventKind = "exec"       // a command was run in it; Detail is the command
)

// Event is told while a container is watched.
type Event struct {
	Kind   EventKind
	At     time.Time
	Detail string
}

// State is how a container stands or ended.
type State struct {
	Running   bool         `json:"running"`
	ExitCode  *int         `json:"exit_code"`  // nil while it runs
	OOMKilled bool         `json:"oom_killed"` // the engine's own word
	Killed    bool         `json:"killed"`     // a kill was asked of the engine from outside this run (its kill event)
	Restarts  int          `json:"restarts"`
	Error     string       `json:"error,omitempty"`
	Limits    Limits       `json:"limits"` // as read back from the engine
	Started   time.Time    `json:"started"`
	Finished  time.Time    `json:"finished"`
	Witnesses []Witness    `json:"witnesses,omitempty"` // every sign of an out-of-memory kill so far, first witness first
	Peak      *units.Bytes `json:"peak"`                // outlives the container where a parent control group could be made
}

// Kind tells apart what an environment can lack.
type Kind string

// Kinds of environment faults. All of them end a run with exit code 3.
const (
	EngineGone  Kind = "engine"  // it no longer answers
	NoImage     Kind = "image"   // not on the engine
	NoNetwork   Kind = "network" // not there, or its name is taken
	CannotStart Kind = "start"   // the command does not exist or may not run (126, 127), or the engine refuses
	PortInUse   Kind = "port"
	NameInUse   Kind = "name"
	PushFailed  Kind = "push"
	NoLogin     Kind = "login"  // the registry wants other credentials
	BadBinary   Kind = "binary" // this executable cannot serve as the agent
	Other       Kind = "other"
)

// Error is a fault of the environment: what is wrong, and what to do.
type Error struct {
	Kind    Kind
	Summary string // one sentence, lower case, no full stop
	Help    string // what to do; may be empty
	Err     error
}

func (e *Error) Error() string {
	if e.Help == "" {
		return e.Summary
	}
	return e.Summary + " (" + e.Help + ")"
}

func (e *Error) Unwrap() error { return e.Err }
