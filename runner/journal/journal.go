// Package journal is the record of a run: one line for each trial. Every report is
// made from it.
//
// It has the values and their file, and knows nothing of how trials run. Bytes,
// seconds and CPUs are plain numbers; what is not known is null.
// Field names are those of report format 1, which a trial's line is a superset
// of: Evidence is left out of reports.
package journal

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/english"
	"plan/internal/exchange"
	"plan/plans"
)

// Format is the version of the report's and the journal's format.
const Format = 1

// Run is a run, as far as it went.
type Run struct {
	FormatVersion int            `json:"format_version"`
	Plan          Plan           `json:"plan"`
	Run           Header         `json:"run"`
	Images        []Image        `json:"images"`
	Stages        []Stage        `json:"stages"`
	Outputs       map[string]any `json:"outputs"`
	Damaged       []Damage       `json:"-"` // the first lines that Read left out
	DamagedLines  int            `json:"-"` // how many lines it left out
	Inputs        *Inputs        `json:"-"` // nil: the run ended before they were known
}

// Plan names the file that was run.
type Plan struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// Header is the run itself.
type Header struct {
	ID       string    `json:"id"`
	Version  string    `json:"version,omitempty"` // of the command; "" of 0.1, which did not write it
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"seconds"`
	ExitCode int       `json:"exit_code"`
	// Unfinished is true where the journal has no last line: the run was killed or
	// still runs. Only Read sets it; the exit code then means nothing.
	Unfinished bool      `json:"-"`
	Problem    string    `json:"problem,omitempty"` // why it could not continue, for people
	Help       string    `json:"help,omitempty"`
	EngineLost bool      `json:"engine_lost,omitempty"` // it could not continue because the engine no longer responded
	Host       Host      `json:"host"`
	Platform   *Platform `json:"platform,omitempty"` // nil: Docker
	Resumed    []Resume  `json:"resumed,omitempty"`  // after each time that the run was cut off
}

// Resume is the moment from which a run that was cut off goes on.
type Resume struct {
	At    time.Time `json:"at"`
	After float64   `json:"after"` // seconds that the run had taken before
}

// Elapsed returns how many seconds a run had taken at a moment, without the time
// between the end of a process and its resumption.
func (h Header) Elapsed(at time.Time) float64 {
	for _, r := range slices.Backward(h.Resumed) {
		if !at.Before(r.At) {
			return r.After + at.Sub(r.At).Seconds()
		}
	}
	return at.Sub(h.Started).Seconds()
}

// Inputs are what the trials of a run depend on besides the file of the plan. A run
// is resumed only with the same inputs.
type Inputs struct {
	Seed      uint64            `json:"seed,string"`     // of everything random in the loads
	Variables map[string]Input  `json:"variables"`       // by name
	Files     map[string]Digest `json:"files"`           // that the plan names, by path
	Images    map[string]Digest `json:"images"`          // ids on the engine, by reference
	Loads     map[string]Digest `json:"loads,omitempty"` // of stages, by address; missing: not known

	Local bool `json:"local,omitempty"` // Host.Local, which is not known when the first line is written
}

// Input is the value of a variable: as JSON, or of a secret its hash.
type Input struct {
	Value string `json:"value,omitempty"`
	Hash  Digest `json:"hash,omitempty"`
}

// Digest is a hash, such as sha256:9f86d081.
type Digest string

// Host is the machine of the engine.
type Host struct {
	Name          string  `json:"name"`
	Memory        int64   `json:"memory"` // bytes
	CPUs          float64 `json:"cpus"`
	OS            string  `json:"os"`
	Kernel        string  `json:"kernel"`
	Engine        string  `json:"engine"` // version
	CgroupVersion string  `json:"cgroup_version"`
	Local         bool    `json:"local"` // proven to be the machine that plan runs on; in the first line always false
}

// Image is an image of the run.
type Image struct {
	Address string  `json:"address"`
	Name    string  `json:"name"`
	Digest  *string `json:"digest"` // the registry's; null when not pushed
	Pushed  bool    `json:"pushed"`
}

// Stage is one question and its answer.
type Stage struct {
	Address          string          `json:"address"`
	Kind             plans.Kind      `json:"kind"`    // search, ramp, check
	Service          string          `json:"service"` // address
	Verdict          Verdict         `json:"verdict"`
	Reason           string          `json:"reason,omitempty"`     // one sentence for people, where the verdict alone does not say it
	AbortedBy        Reason          `json:"aborted_by,omitempty"` // guard, engine or user, of an aborted stage
	FailedBy         Reason          `json:"failed_by,omitempty"`  // disproved: of a search whose answers up to its highest value were
	LimitIndependent bool            `json:"not_memory,omitempty"` // the service ends by itself at any limit
	Found            *Point          `json:"found"`
	Recommended      *Point          `json:"recommended"`
	Corrected        int64           `json:"corrected,omitempty"`   // bytes of files that found has above the value that passed: they were charged to others
	SharedWith       []string        `json:"shared_with,omitempty"` // containers that use some of these files too
	NotTried         string          `json:"not_tried,omitempty"`   // why no trial at recommended shows anything
	Disproved        []Disproof      `json:"disproved,omitempty"`   // search: answers before this one
	SetAside         int             `json:"set_aside,omitempty"`   // how many of trials, the first ones, ran at an answer that was disproved: they count no more
	AtMost           bool            `json:"at_most,omitempty"`     // found is the lowest value of the grid: nothing was tried below
	Margin           float64         `json:"margin,omitempty"`
	Held             *int            `json:"held"`
	AtLeast          *int            `json:"at_least,omitempty"`
	Met              *bool           `json:"met"`
	Certificate      *Certificate    `json:"certificate"`
	Dimension        plans.Dimension `json:"dimension,omitempty"` // search: what it varies
	Grid             []float64       `json:"grid,omitempty"`      // search: all values, bytes or CPUs
	Axes             []Axis          `json:"axes,omitempty"`      // search of several dimensions, which has no dimension and no grid
	Prefer           string          `json:"prefer,omitempty"`    // search of several dimensions: price, or one of them
	Price            *Price          `json:"price,omitempty"`
	Points           []string        `json:"points,omitempty"`    // search of several dimensions: trials that passed where none passed with no more of anything, the preferred first
	Undecided        int             `json:"undecided,omitempty"` // combinations preferred to found that were not tried
	Levels           []Level         `json:"levels,omitempty"`    // search: least values below the answer; version 0.1 wrote none
	Steps            []int           `json:"steps,omitempty"`     // ramp: all users
	Auto             *AutoUsers      `json:"auto,omitempty"`      // ramp: it found its users itself, and has no steps
	Mixed            *int            `json:"mixed,omitempty"`     // ramp: the most users that passed above a failure
	Knee             *int            `json:"knee,omitempty"`      // ramp: from where on twice the users bring no more
	Admits           *int64          `json:"admits,omitempty"`    // search: bytes that the guard admitted at its beginning
	HasLoad          bool            `json:"has_load"`
	HasScenario      bool            `json:"has_scenario,omitempty"` // without a load: one of each request is asked
	HasThreshold     bool            `json:"has_threshold"`
	Thresholds       []Threshold     `json:"thresholds,omitempty"`   // missing: none, or not known
	LeakHorizon      float64         `json:"leak_horizon,omitempty"` // seconds; missing: not known
	Seconds          float64         `json:"seconds"`
	Trials           []Trial         `json:"trials"`
}

// Axis is a dimension of a search with its values: bytes, CPUs, counts; or a setting
// with texts, numbers, true or false.
type Axis struct {
	Dimension plans.Dimension `json:"dimension"` // of a setting its name
	Values    []any           `json:"values"`
}

// Text returns what settings have on the axis, for people.
func (a Axis) Text(s Settings) string {
	if v, is := s.Vary[string(a.Dimension)]; is {
		return fmt.Sprint(v)
	}
	return a.Dimension.Short(s.Values().Get(a.Dimension))
}

// Ordered reports whether the axis is a dimension. Values of a setting have no order.
func (a Axis) Ordered() bool { return slices.Contains(plans.Dimensions(), a.Dimension) }

// Value returns what settings have on the axis, as it lists its values: of a dimension a
// float64.
func (a Axis) Value(s Settings) any {
	if a.Ordered() {
		return a.Dimension.Number(s.Values().Get(a.Dimension))
	}
	return s.Vary[string(a.Dimension)]
}

// NoMore reports whether settings have no more than others of any dimension of these axes,
// and the same values of settings, which have no order.
func NoMore(axes []Axis, a, b Settings) bool {
	return !slices.ContainsFunc(axes, func(axis Axis) bool {
		x, y := axis.Value(a), axis.Value(b)
		if axis.Ordered() {
			return x.(float64) > y.(float64)
		}
		return !reflect.DeepEqual(x, y)
	})
}

// Varied returns what a search varies, of one dimension without its values.
func (s Stage) Varied() []Axis {
	if s.Dimension != "" {
		return []Axis{{Dimension: s.Dimension}}
	}
	return s.Axes
}

// Varies reports whether a search varies a dimension.
func (s Stage) Varies(d plans.Dimension) bool {
	return slices.ContainsFunc(s.Varied(), func(a Axis) bool { return a.Dimension == d })
}

// Several reports whether a stage searches combinations.
func (s Stage) Several() bool { return len(s.Axes) > 0 }

// HighestFailed returns the last trial of a search that failed at the highest value; of
// several dimensions one with no other failure above it. It is the zero one where none failed.
func (s Stage) HighestFailed() Trial {
	var highest Trial
	for _, t := range s.Trials {
		if t.Verdict == Failed && (highest.Verdict == "" || NoMore(s.Varied(), highest.Set, t.Set)) {
			highest = t
		}
	}
	return highest
}

// Point returns what a search varies of a trial.
func (s Stage) Point(t Trial) Point {
	var at plans.Settings
	for _, a := range s.Varied() {
		at.Put(a.Dimension, t.Set.Values().Get(a.Dimension))
	}
	return *PointOf(plans.Point{Settings: at, Values: t.Set.Vary})
}

// Combination returns what a search varies of a trial, for people.
func (s Stage) Combination(t Trial) string { return Settings(s.Point(t)).Text() }

// LevelAxis returns the axis on which the levels of a search lie, and the others: its memory,
// else its first dimension. It is false where a search varies only settings.
func (s Stage) LevelAxis() (axis Axis, others []Axis, is bool) {
	if !s.Several() {
		axis = Axis{Dimension: s.Dimension}
		for _, v := range s.Grid {
			axis.Values = append(axis.Values, v)
		}
		return axis, nil, s.Dimension != ""
	}
	i := slices.IndexFunc(s.Axes, func(a Axis) bool { return a.Dimension == plans.Memory })
	if i < 0 {
		i = slices.IndexFunc(s.Axes, Axis.Ordered)
	}
	if i < 0 {
		return Axis{}, nil, false
	}
	return s.Axes[i], slices.Delete(slices.Clone(s.Axes), i, i+1), true
}

// Noun is what a search varies, for people: "memory", "memory and CPU".
func (s Stage) Noun() string {
	var nouns []string
	for _, a := range s.Varied() {
		nouns = append(nouns, a.Dimension.Noun())
	}
	return english.And(nouns)
}

// AutoUsers is the range in which a ramp finds its users itself.
type AutoUsers struct {
	From   int     `json:"from"`
	To     int     `json:"to"`
	Step   int     `json:"step,omitempty"`   // missing: Growth, else the larger of 1 and 2 % of the answer
	Growth float64 `json:"growth,omitempty"` // the step as a share of the answer, rounded up
	Cut    string  `json:"cut,omitempty"`    // why To is less than the plan's, for people
}

// Window is a part of a load that grew: its users were all active.
type Window struct {
	Users   int     `json:"users"`
	Seconds float64 `json:"seconds"`
	OK      int64   `json:"ok"`
	Failed  int64   `json:"failed"`
	OKRate  float64 `json:"ok_rate"`          // OK responses per second
	Broken  string  `json:"broken,omitempty"` // which threshold was, for people; missing: none
}

// Price is what an hour costs of one CPU, one GiB of memory and one replica.
type Price struct {
	CPUs     float64 `json:"cpus"`
	Memory   float64 `json:"memory"`
	Replicas float64 `json:"replicas"`
}

// Threshold is a bound on a metric that the trials of a stage must keep.
type Threshold struct {
	Request string  `json:"request,omitempty"` // by its name; "" is all of them together
	Metric  string  `json:"metric"`
	Limit   float64 `json:"limit"` // in the unit of the metric
}

// Certificate proves an answer: ids of trials.
type Certificate struct {
	Passed      string   `json:"passed"`
	Failed      []string `json:"failed"`                // of a search also one of another stage, that disproved an answer there
	Recommended string   `json:"recommended,omitempty"` // the trial there, passed or failed; none: not_tried of the stage, or recommended is what passed
}

// Disproof is an answer of a search that a trial at its limits disproved.
type Disproof struct {
	Found       Point  `json:"found"`
	Recommended Point  `json:"recommended"`
	At          Point  `json:"at"`    // which of both the trial ran at
	Trial       string `json:"trial"` // id, also of another stage
	Why         string `json:"why"`   // of the trial, for people
}

// Level is a least value of a search at which the service does a part of what the search
// demands.
type Level struct {
	Name      LevelName `json:"name"`
	Found     Point     `json:"found"`
	Reached   string    `json:"reached"`             // id of the trial at found, which shows it
	Missed    string    `json:"missed"`              // id of the trial with the next lower value that was decided: there the service does not
	Undecided int       `json:"undecided,omitempty"` // values between both
}

// Trial is one run of fresh containers at given limits.
type Trial struct {
	ID       string   `json:"id"` // search.memory/3
	Set      Settings `json:"set"`
	Users    *int     `json:"users"`                  // in an open load the most that send at the same time
	Arrivals *float64 `json:"arrival_rate,omitempty"` // per second, the highest: of an open load only
	// Configuration and Scenario number what a trial was run with: within a run equal
	// numbers are equal values, the first ones 1. 0: there is none, or it is not known.
	Configuration int `json:"configuration,omitempty"` // command and environment of the service
	Scenario      int `json:"scenario,omitempty"`      // requests, feeds and think time; or what another driver runs

	Staged    bool     `json:"staged,omitempty"` // users or arrivals are the most of several stages
	Verdict   Verdict  `json:"verdict"`
	Reason    *Reason  `json:"reason"`               // null when passed
	Why       string   `json:"why"`                  // one line for people
	Phase     Phase    `json:"phase"`                // where it ended: start, first_request, load, hold, end
	Chosen    string   `json:"chosen,omitempty"`     // why a search made it, for people
	FirstLook bool     `json:"first_look,omitempty"` // a shortened load: says fail early, certifies nothing
	Windows   []Window `json:"windows,omitempty"`    // of a load that grew, until it broke a threshold; first_look is true
	Repeats   string   `json:"repeats,omitempty"`    // id of the trial that it repeats
	// Unexplained is true where the main process got SIGKILL from an unknown sender:
	// no request to the engine, no witness, no out-of-memory kill on the host.
	Unexplained bool       `json:"unexplained,omitempty"`
	Started     time.Time  `json:"started"`
	OOMKills    *int64     `json:"oom_kills"`
	ExitCode    *int       `json:"exit_code"`
	OOMKilled   *bool      `json:"oom_killed"`
	Seconds     Seconds    `json:"seconds"`
	Memory      Memory     `json:"memory"` // of all instances: each figure in sum
	CPU         CPU        `json:"cpu"`    // of all instances; Share is against the sum of their limits
	Host        *HostCPU   `json:"host"`   // who used the machine; null before ready and where it is not known
	Load        *Load      `json:"load"`
	Files       *Files     `json:"files,omitempty"`       // of all instances: each figure in sum
	SharedWith  []string   `json:"shared_with,omitempty"` // containers that used some of its files too when it began
	NotEvicted  string     `json:"not_evicted,omitempty"` // why files may have been in the page cache before it
	Failures    []string   `json:"failures,omitempty"`    // every threshold or assert that did not hold, for people
	Notes       []string   `json:"notes,omitempty"`       // what else is to be said, for people
	Instances   []Instance `json:"instances"`
	Evidence    *Evidence  `json:"evidence,omitempty"` // journal only
}

// StoppedByGuard reports whether the guard aborted the trial.
func (t Trial) StoppedByGuard() bool { return t.Verdict == Aborted && *t.Reason == GuardStop }

// Seconds of a trial; Ready is null if it never was.
type Seconds struct {
	Ready *float64 `json:"ready"`
	Total float64  `json:"total"`
}

// Memory of a trial in bytes: Peak from the kernel's counter or the highest
// sample, Rest the working set once ready and before the load, Anonymous the
// highest sample.
type Memory struct {
	Peak       *int64 `json:"peak"`
	Rest       *int64 `json:"rest"`
	Anonymous  *int64 `json:"anonymous"`
	WorkingSet *int64 `json:"working_set"` // highest sample
}

// Files says whether a trial read its files itself. Where Resident is above
// Mapped, the rest is charged to others: they read it before.
type Files struct {
	Mapped      *int64 `json:"mapped"`       // bytes of files that are mapped and charged to it, at its end
	Resident    *int64 `json:"resident"`     // bytes of files that its processes map at its end, each file once (RssFile); null where it cannot be read
	MajorFaults *int64 `json:"major_faults"` // pages that were waited for, from the disk
	Refaults    *int64 `json:"refaults"`     // file pages that were read again
}

// Elsewhere is how many bytes of files it mapped that are charged to others; 0
// where that is not known.
func (f *Files) Elsewhere() int64 {
	if f == nil || f.Mapped == nil || f.Resident == nil {
		return 0
	}
	return max(0, *f.Resident-*f.Mapped)
}

// CPU of a trial from ready to its end; Share is use over limit, null without a limit.
type CPU struct {
	Share            *float64 `json:"share"`
	Seconds          *float64 `json:"seconds"`
	Periods          *int64   `json:"periods"`
	ThrottledPeriods *int64   `json:"throttled_periods"`
}

// HostCPU is the mean use of the engine's machine from ready to a trial's end,
// in CPUs. Other is what none of the containers used.
type HostCPU struct {
	CPUs       float64 `json:"cpus"` // that it has
	Busy       float64 `json:"busy"`
	Service    float64 `json:"service"` // all instances
	Generator  float64 `json:"generator"`
	Helpers    float64 `json:"helpers"`
	Neighbours float64 `json:"neighbours"`
	Other      float64 `json:"other"`
}

// Processes of a container are those that answer requests.
type Processes struct {
	Answered int `json:"answered"` // one of each request
	Of       int `json:"of"`       // as many as listen or answered
}

// Instance is one container of a trial.
type Instance struct {
	Name      string     `json:"name"`
	ID        string     `json:"id"` // of the container
	Address   string     `json:"address"`
	ExitCode  *int       `json:"exit_code"`
	OOMKilled *bool      `json:"oom_killed"`
	OOMKills  *int64     `json:"oom_kills"`
	Killed    bool       `json:"killed,omitempty"`    // someone requested a kill from the engine
	Displaced string     `json:"displaced,omitempty"` // why the cluster ended it
	Restarts  int        `json:"restarts,omitempty"`  // by the engine
	Requests  *int64     `json:"requests"`            // sent to it; null where it is not known
	Processes *Processes `json:"processes,omitempty"` // that were asked before the load; missing where only one answers, or it is not known which do
	Limits    Limits     `json:"limits"`              // read back: from its control group, else from the engine
	Memory    Memory     `json:"memory"`
	CPU       CPU        `json:"cpu"`
	Files     *Files     `json:"files,omitempty"`
	// BeforeLoad has the counters of page faults when the load began; missing without
	// a load.
	BeforeLoad *PageFaults `json:"before_load,omitempty"`
}

// PageFaults are counters since the start of a container; null where they are not
// known.
type PageFaults struct {
	MajorFaults *int64 `json:"major_faults"`
	Refaults    *int64 `json:"refaults"`
}

// Evidence is kept in the journal only.
type Evidence struct {
	Witnesses  []containers.Witness        `json:"witnesses"`
	Log        []string                    `json:"log"`                  // last lines
	First      map[string]exchange.Outcome `json:"first"`                // one of each request, before the load
	After      []After                     `json:"after,omitempty"`      // the last request to each replica after the load
	Asserts    []FalseAssert               `json:"asserts,omitempty"`    // the assertions that were false
	LostShare  string                      `json:"lost_share,omitempty"` // the agent of a divided load that sent no result, and why
	Series     []engine.Window             `json:"series"`
	Containers []Watched                   `json:"containers"` // the trial's own first
	Events     []Event                     `json:"events"`
	Host       []HostSample                `json:"host"`
	Histograms *engine.Histograms          `json:"histograms"`
	Examples   map[exchange.Class]string   `json:"examples,omitempty"`
}

// After is a request to a replica after the load: the first without a response, else
// the last one.
type After struct {
	Replica int              `json:"replica"` // from 1
	Request string           `json:"request"`
	Outcome exchange.Outcome `json:"outcome"`
}

// FalseAssert is an assertion that was false.
type FalseAssert struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// Watched is one container's series, one sample a second.
type Watched struct {
	Name   string             `json:"name"`
	Role   containers.Role    `json:"role"`
	Limits Limits             `json:"limits"`
	Usage  []containers.Usage `json:"usage"`
}

// Event is what happened to one of a trial's containers.
type Event struct {
	Container string               `json:"container"`
	Kind      containers.EventKind `json:"kind"`
	At        time.Time            `json:"at"`
	Detail    string               `json:"detail,omitempty"`
}

// HostSample is the engine's machine at one moment.
type HostSample struct {
	At              time.Time `json:"at"`
	MemoryAvailable int64     `json:"memory_available"`    // bytes
	CPUBusy         float64   `json:"cpu_busy"`            // CPUs, since the sample before
	OOMKills        *int64    `json:"oom_kills,omitempty"` // processes that the kernel has killed for memory, since its start
}

// Line is one line of the journal file; just one field besides Type is set.
type Line struct {
	Type    LineType       `json:"type"`          // run, image, inputs, stage, trial, answer, resume, end
	Run     *Run           `json:"run,omitempty"` // header and plan, before anything is done
	Image   *Image         `json:"image,omitempty"`
	Inputs  *Inputs        `json:"inputs,omitempty"`
	Stage   *Stage         `json:"stage,omitempty"` // stage: begun, without trials; answer: its answer
	Trial   *Trial         `json:"trial,omitempty"`
	Resume  *Resume        `json:"resume,omitempty"`
	End     *Header        `json:"end,omitempty"`
	Outputs map[string]any `json:"outputs,omitempty"`
}
