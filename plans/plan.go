package plans

import (
	"cmp"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
)

// Plan is a checked plan. What depends on the results of a stage is known
// only while it runs: Resolve, Outputs and Assert return it then.
type Plan struct {
	Name        string
	Description string
	File        string // as it was given
	SHA256      string // of the file, hex
	Images      []Image
	Networks    []Network
	Preflights  []Preflight
	Services    []Service
	Guard       Guard
	Reports     []Report // that a run writes besides those of the command line
	Stages      []Stage  // in the order in which they run, as far as they are known now
	Secrets     []string // texts that must not be written anywhere
	Decl        *Decl    // of the plan block; nil where there is none

	evaluator Evaluator // nil in a plan that no file was read for
}

// Report is a report that a run writes.
type Report struct {
	Format string // one of ReportFormats
	Path   string // relative to the folder in which the command runs; of svg a folder
	Decl   *Decl
}

// ReportFormats returns the formats that a run can be written in.
func ReportFormats() []string {
	return []string{"json", "csv", "junit", "markdown", "html", "svg"}
}

// Image is an image of the plan; Name is what it is pushed as.
type Image struct {
	Address string // image.api
	Source  string // reference on the engine
	Name    string // reference to tag it with; Source where the plan gives none
	Pull    string // missing, always, never
	Push    bool
	Decl    *Decl
}

// Network is a network that services join.
type Network struct {
	Address  string
	Name     string
	External bool // exists already; is never made, never removed
	Decl     *Decl
}

// Preflight is asked from inside its network before the first stage.
type Preflight struct {
	Address  string
	Network  string // name on the engine
	External bool   // the plan does not declare the network: it must be there
	URL      string // or
	TCP      string // host:port
	Status   int    // wanted; 0 means any 2xx
	Within   time.Duration
	Decl     *Decl
}

// Service is what a trial runs.
type Service struct {
	Address     string
	Name        string
	Image       string // reference to run
	ImageOf     string // address of the image block, "" for a plain reference
	Command     []string
	Entrypoint  []string // nil keeps the image's own
	WorkingDir  string   // "" keeps the image's own
	Environment map[string]string
	User        string // "" keeps the image's own
	Volumes     []Volume
	Tmpfs       []Tmpfs
	ShmSize     units.Bytes       // of /dev/shm; 0: Docker's own
	Ulimits     []Ulimit          // sorted by name
	GPUs        int               // AllGPUs: all that there are
	DependsOn   []string          // addresses of services that must be ready before
	Networks    []string          // names on the engine; none means one for the run
	External    []string          // those of Networks that the plan does not declare: they must be there
	Aliases     []string          // on its networks, beside its name
	ExtraHosts  map[string]string // an IP address or "host-gateway" for each name
	Expose      []int
	Ports       []Port
	Restart     string
	Limits      Settings
	Ready       Ready
	Decl        *Decl
}

// Port publishes a port of the container on the host; Host 0 is a random one.
type Port struct {
	Address         string
	Host, Container int
}

// Volume is storage of the host in a service's containers.
type Volume struct {
	Source   string // a volume's name; or, of Bind, an absolute path
	Target   string
	Bind     bool
	ReadOnly bool
}

// Tmpfs is an empty file system in memory in a service's containers.
type Tmpfs struct {
	Target  string
	Options string // of the mount, with commas between them: "size=64M,mode=1777"
}

// Ulimit is a limit of each process; -1 is none.
type Ulimit struct {
	Name       string // as Docker names it: nofile
	Soft, Hard int64
}

// AllGPUs are all that the engine's machine has.
const AllGPUs = -1

// Ready says how a service shows that it can be asked. Just one of Path, TCP,
// Log and Command is set, or none where the plan says nothing and no port is
// exposed: then it is ready as soon as it runs.
type Ready struct {
	Health  bool // the plan does not say how: the image's healthcheck, where it has one, goes before TCP
	Path    string
	Status  int               // wanted of Path; 0 means any 2xx
	Port    int               // of Path; 0: the API's
	TCP     int               // port that is asked GET /; of a helper it must only accept a connection
	Headers map[string]string // of what is asked
	Log     string            // a regular expression that lines of its log must match
	Count   int               // of these lines, since the container started
	Command []string          // run in the container; exit code 0 is ready
	Ended   bool              // it is a job: ready once it has ended with exit code 0
	Timeout time.Duration     // of one attempt; 0: Within
	Within  time.Duration
}

// Guard bounds the run so that the machine survives it, and what others may take
// of the machine beside it.
type Guard struct {
	HostMemoryFree units.Bytes   // 0: the greater of 512M and a tenth of the host
	Runtime        time.Duration // 0: no bound
	HostCPUOthers  float64       // share of the host's CPUs; 0: OthersShare
	Decl           *Decl         // nil: the plan has no such block
}

// OthersShare of the host's CPUs is what others may use where a plan says nothing.
const OthersShare = 0.05

// Others is the share of the host's CPUs that others may use before a failure
// that a lack of CPU can make is not believed.
func (g Guard) Others() float64 { return cmp.Or(g.HostCPUOthers, OthersShare) }

// Kind of a stage.
type Kind string

// The kinds of stages.
const (
	Search Kind = "search"
	Ramp   Kind = "ramp"
	Check  Kind = "check"
)

// Stage is one question to the service. Values that depend on the results of
// an earlier stage are zero until Resolve gives them; Unknown lists them.
type Stage struct {
	Address   string
	Kind      Kind
	Service   Service
	Helpers   []Service // that Service depends on, over however many hops, in the order in which they start
	Set       Settings
	Vary      *Vary  // search
	Strategy  string // search: the name of one of search.Strategies
	Margin    float64
	Users     []int     // ramp: its steps
	AtLeast   int       // ramp: held must reach it; 0 means no demand
	StopAfter int       // ramp: steps in a row that may fail
	Load      *Workload // nil: the service only has to start
	Threshold []Objective
	// LeakHorizon is the time within which memory that grows under load must not
	// reach its limit.
	LeakHorizon time.Duration
	Asserts     []string // names
	Needs       []string // addresses of stages whose results it uses
	After       []string // addresses of stages of depends_on
	Unknown     []string // attributes known only when it runs, such as "set.memory"
	Decl        *Decl
}

// Locust is the kind of a driver that runs a locustfile.
const Locust = "locust"

// Vary is the dimension of a search with its grid: From, From+Step, ... and,
// as a ceiling, To itself.
type Vary struct {
	Dimension      Dimension
	From, To, Step int64
}

// Grid lists the values that may be tried, rising.
func (v Vary) Grid() []int64 {
	var grid []int64
	for x := v.From; x < v.To && v.Step > 0; x += v.Step {
		grid = append(grid, x)
	}
	return append(grid, v.To)
}

// Numbers are the values of the grid as JSON has them: bytes, CPUs, a count.
func (v Vary) Numbers() []float64 {
	var numbers []float64
	for _, value := range v.Grid() {
		numbers = append(numbers, v.Dimension.Number(value))
	}
	return numbers
}

// Workload is the load of a stage; in a ramp Users is 0 and the steps say it.
type Workload struct {
	Scenario  Scenario // zero with a Driver
	Driver    *Driver  // nil: the load engine of this command
	Users     int      // with ArrivalRate or stages of a rate a cap
	SpawnRate float64  // per second; 0: all within 10 s, at most 100 a second
	Runtime   time.Duration
	// ArrivalRate, per second, stands in the place of users that think; Stages
	// stand in the place of both.
	ArrivalRate float64
	Poisson     bool // arrivals at random, also those of stages
	Stages      []engine.Stage
	WarmUp      time.Duration // not judged
}

// Load is the load of a trial with that many users, as the engine takes it.
// What is drawn at random follows from the seed.
func (w Workload) Load(users int, seed uint64) engine.Load {
	l := engine.Load{
		Users: users, Runtime: w.Runtime, WarmUp: w.WarmUp, ArrivalRate: w.ArrivalRate, Poisson: w.Poisson, Stages: w.Stages,
		ThinkTime: w.Scenario.ThinkTime, Requests: w.Scenario.Requests, OnStart: w.Scenario.OnStart, Feeds: w.Scenario.Feeds, Seed: seed,
	}
	if l.Spawns() {
		l.SpawnRate = cmp.Or(w.SpawnRate, min(100, max(1, float64(users)/10)))
	}
	return l
}

// Open reports whether requests begin on a schedule, whatever became of those
// before.
func (w Workload) Open() bool { return w.Load(w.Users, 0).Open() }

// Driver is another load generator, which runs what its users have written.
type Driver struct {
	Kind    string // locust
	File    string // as the plan names it
	Data    []byte // what is in it
	Image   string // reference to run
	ImageOf string // address of the image block, "" for a plain reference
}

// Scenario is what a virtual user does.
type Scenario struct {
	Address   string
	ThinkTime engine.ThinkTime
	Requests  []exchange.Request
	OnStart   []exchange.Request // once for each user, before the others
	Feeds     []exchange.Feed    // of which the requests take values
	Decl      *Decl
}

// Objective is one bound of a threshold: seconds for p50 to max, a share for
// error_rate, OK answers a second for throughput (a lower bound).
type Objective struct {
	Request string // by its name; "" is all of them together
	Metric  string
	Limit   float64
}

// StageResult is what later stages may refer to.
type StageResult struct {
	Found       *Settings // search: the dimension that it searched; nil: nothing
	Recommended *Settings // search
	Held        *int      // ramp
	Met         *bool     // check
	Trials      int
}

// ImageResult is what became of an image before the first stage.
type ImageResult struct {
	Digest string // as the registry gave it; "" when not pushed
	Size   units.Bytes
	Run    string // reference or id to run
}

// Known is what a run has found out so far, by address.
type Known struct {
	Images map[string]ImageResult
	Stages map[string]StageResult
}

// MissingValue says that a stage cannot run because an earlier one found
// nothing.
type MissingValue struct{ Address string }

func (m *MissingValue) Error() string { return m.Address + " has no value" }

// Output is a value of the plan for those who run it; Value is made of
// strings, numbers, bools, lists and maps, nil when unknown.
type Output struct {
	Name, Description string
	Sensitive         bool
	Value             any
}

// AssertFailure is an assertion that did not hold.
type AssertFailure struct {
	Name    string
	Message string // the plan's own error_message, evaluated
}

// Bounds is the most that a stage can take.
type Bounds struct {
	Trials int
	Time   time.Duration
}
