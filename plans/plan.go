package plans

import (
	"cmp"
	"maps"
	"path/filepath"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/runner/search"
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
	Platform    *Platform // nil: Docker
	Reports     []Report  // that a run writes besides those of the command line
	Stages      []Stage   // in the order in which they run, as far as they are known now
	Variables   []Variable
	Files       map[string]string // SHA-256 of each file that it names, hex, by path; without files of environment variables
	Secrets     []string          // texts that must not be written anywhere
	Outside     []Reach           // files and folders outside of its folder that it reads, writes and mounts
	Logins      []string          // registries that `docker login` names: whoever runs the plan trusts them
	Decl        *Decl             // of the plan block; nil where there is none

	evaluator Evaluator // nil in a plan that no file was read for
}

// Variable is a variable of the plan with the value that this run has.
type Variable struct {
	Name      string
	Value     string // as JSON
	Sensitive bool
}

// Report is a report that a run writes.
type Report struct {
	Format string // as --report names it
	Path   string // relative to the folder in which the command runs; of svg a folder
	Decl   *Decl
}

// Kubernetes is the name of the platform that is not Docker.
const Kubernetes = "kubernetes"

// Platform is where a plan runs, if not in Docker.
type Platform struct {
	Name         string            // Kubernetes
	Context      string            // of the kubeconfig; "" is its current one
	Namespace    string            // "" is that of the context
	NodeSelector map[string]string // labels of the nodes that pods may run on
	Tolerations  []string          // taints of nodes, as kubectl writes them
	PullSecret   string            // Secret with the credentials of the images' registry
	AgentImage   string            // image of this command that the nodes can pull
	Decl         *Decl             // nil: the command line names it
}

// Image is an image of the plan; Name is what it is pushed as.
type Image struct {
	Address string // image.api
	Source  string // reference on the engine
	Name    string // reference to tag it with; Source where the plan gives none
	Pull    string // missing, always, never
	Push    bool
	Build   *Build // nil: it is not built
	Decl    *Decl
}

// Build is what an image is built from, on request.
type Build struct {
	Context    string // folder, absolute
	Dockerfile string // relative to Context, or absolute; "" is Dockerfile
	Args       map[string]string
	Target     string // stage; "" is the last one
}

// File is the absolute path of the Dockerfile.
func (b Build) File() string {
	file := cmp.Or(b.Dockerfile, "Dockerfile")
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(b.Context, file)
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
	Address        string
	Name           string
	Image          string // reference to run
	ImageOf        string // address of the image block, "" for a plain reference
	Command        []string
	Entrypoint     []string          // nil keeps the image's own
	WorkingDir     string            // "" keeps the image's own
	Environment    map[string]string // as the plan has it
	EnvFiles       []EnvFile         // the later over the earlier, Environment over both
	User           string            // "" keeps the image's own
	Volumes        []Volume
	Tmpfs          []Tmpfs
	ShmSize        units.Bytes       // of /dev/shm; 0: Docker's own
	Ulimits        []Ulimit          // sorted by name
	GPUs           int               // AllGPUs: all that there are
	DependsOn      []string          // addresses of services that must be ready before
	RestartHelpers bool              // they start again before each trial of the service
	Networks       []string          // names on the engine; none means one for the run
	External       []string          // those of Networks that the plan does not declare: they must be there
	Aliases        []string          // on its networks, beside its name
	ExtraHosts     map[string]string // an IP address or "host-gateway" for each name
	Expose         []int
	Ports          []Port
	Restart        string
	Limits         Settings
	StartCPUs      units.CPUs // of each container of a trial until it is ready, if more than its limit; 0: its limit
	Ready          Ready
	Decl           *Decl
}

// EnvFile is a file of environment variables. Its values are never printed or
// written.
type EnvFile struct {
	Path   string // as the plan names it
	Values map[string]string
}

// Variables returns the environment of the service's containers: that of its files and
// of the plan. It is nil if there is none.
func (s Service) Variables() map[string]string {
	if len(s.EnvFiles) == 0 {
		return s.Environment
	}
	all := map[string]string{}
	for _, file := range s.EnvFiles {
		maps.Copy(all, file.Values)
	}
	maps.Copy(all, s.Environment)
	return all
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
	HostCPUOthers  *float64      // share of the host's CPUs; nil: OthersShare
	Decl           *Decl         // nil: the plan has no such block
}

// OthersShare of the host's CPUs is what others may use where a plan says nothing.
const OthersShare = 0.05

// Others is the share of the host's CPUs that others may use before a failure
// that a lack of CPU can make is not believed.
func (g Guard) Others() float64 {
	if g.HostCPUOthers == nil {
		return OthersShare
	}
	return *g.HostCPUOthers
}

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
	Vary      []Vary // search
	Strategy  string // search: the name of one of search.Strategies, or of search.OfSeveral
	Prefer    string // search: of several dimensions: ByPrice, or one of them
	Price     *Price
	AtMost    Settings // search: a demand on what it finds; 0: none
	Budget    Budget
	Margin    float64
	Users     []int         // ramp: its steps
	Auto      *search.Users // ramp: it finds its users itself; To 0: what the guard admits. nil: Users are its steps
	AtLeast   int           // ramp: held must reach it; 0 means no demand
	StopAfter int           // ramp: steps in a row that may fail
	Load      *Workload     // nil: the service only has to start
	Asks      *Scenario     // search without a load: one of each request must be answered
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

// Workload is the load of a stage; in a ramp Users is 0 and the steps say it.
type Workload struct {
	Scenario  Scenario // zero with a Driver
	Driver    *Driver  // nil: the load engine of this command
	Users     int      // with ArrivalRate or stages of a rate a cap
	SpawnRate float64  // per second; 0: all within 10 s, at most 100 a second, but within half of the runtime
	Runtime   time.Duration
	// ArrivalRate, per second, stands in the place of users that think; Stages
	// stand in the place of both.
	ArrivalRate float64
	Poisson     bool // arrivals at random, also those of stages
	Stages      []engine.Stage
	WarmUp      time.Duration // not judged
	Agents      int           // that the load is divided over; 0: not known yet
}

// Load is the load of a trial with that many users, as the engine takes it.
// What is drawn at random follows from the seed.
func (w Workload) Load(users int, seed uint64) engine.Load {
	l := engine.Load{
		Users: users, Runtime: w.Runtime, WarmUp: w.WarmUp, ArrivalRate: w.ArrivalRate, Poisson: w.Poisson, Stages: w.Stages,
		ThinkTime: w.Scenario.ThinkTime, Requests: w.Scenario.Requests, OnStart: w.Scenario.OnStart, Feeds: w.Scenario.Feeds, Seed: seed,
		Agents: min(w.Agents, users), // a step of a ramp may have fewer users than there are agents
	}
	if l.Spawns() {
		usual, inHalf := min(100, max(1, float64(users)/10)), 2*float64(users)/max(1, w.Runtime.Seconds())
		l.SpawnRate = cmp.Or(w.SpawnRate, max(usual, inHalf))
	}
	return l
}

// AgentsOf returns how many agents make the load of a stage, at least 1.
func (s Stage) AgentsOf() int {
	if s.Load == nil {
		return 1
	}
	return max(1, s.Load.Agents)
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

	Environment  map[string]string
	Args         []string     // options of its own, and user classes
	Tags         []string     // of the tasks that run; empty: all
	Files        []DriverFile // that are copied with its file
	Folder       string       // of its file, relative to the folder that Locust starts in, with slashes; "" for that folder
	Requirements []byte       // requirements.txt to install at the start; nil: nothing is installed
	Shape        bool         // a LoadTestShape of its file sets the users, until it ends or the runtime is over
}

// ShapeRuntime is the runtime of a LoadTestShape where the plan gives none.
const ShapeRuntime = time.Hour

// DriverFile is a file of a driver.
type DriverFile struct {
	Name string // relative to the folder that Locust starts in, with slashes
	Data []byte
}

// Scenario is what a virtual user does.
type Scenario struct {
	Address   string
	ThinkTime engine.ThinkTime
	Requests  []exchange.Request
	OnStart   []exchange.Request // once for each user, before the others
	Feeds     []exchange.Feed    // of which the requests take values
	Guessed   bool               // its requests may not be those of users
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
	Found       *Point // search: what it searched; nil: nothing
	Recommended *Point // search
	Held        *int   // ramp
	Met         *bool  // check
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

// Bounds is what a stage can take, or is expected to.
type Bounds struct {
	Trials  int           // none repeated
	Time    time.Duration // of these trials
	Longest time.Duration // with all repeats and waits; 0 of what is expected
}
