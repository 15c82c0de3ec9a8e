package referee

import (
	"fmt"
	"math/rand/v2"
	"time"

	"plan/internal/units"
)

// Disturbances of trials, besides neighbours.
const (
	nothing    = "nothing"
	pausing    = "pause"
	unplugging = "disconnect"
	raising    = "update"        // limits are raised, with an event of the engine
	silently   = "silent update" // limits are raised without an event
	executing  = "exec"          // a command that uses memory
	probing    = "own exec"      // commands of the run itself, as for its readiness
	supervisor = "supervisor"    // kills below a limit, without a trace
	hostKiller = "host"          // kills by the kernel for memory of the host, below a limit
	killing    = "docker kill"   // of trials below a limit
)

var deeds = []string{nothing, nothing, nothing, pausing, unplugging, raising, silently, executing, probing, supervisor, hostKiller, killing}

// span is a time from the start of the run in which so many loops are busy;
// with pulses, in every other part of a second.
type span struct {
	from, to time.Duration
	loops    int
	pulse    time.Duration // 0: without pauses
}

// world is one draw: a service, a plan, and disturbances.
type world struct {
	kind  string // check, search cpus, search memory, ramp
	spans []span
	known bool // neighbours are containers; otherwise only the host shows their usage

	demand  float64     // CPUs that its load uses, for 100 users
	starts  float64     // CPU seconds until it is ready
	memory  units.Bytes // memory that it needs, without its files
	files   units.Bytes // files that it maps
	evicted bool        // its files are separate in each trial
	cpus    float64     // limit that is not searched

	deed    string
	times   int         // number of disturbed trials
	below   units.Bytes // of kills: the limits below which they happen
	eats    units.Bytes // of a command
	atStart bool        // the disturbance comes before it is ready
}

const (
	cpuStep    = 0.25
	memoryStep = 100 * units.MiB
	within     = "12s"
)

func draw(random *rand.Rand) *world {
	w := &world{
		kind: []string{"check", "search cpus", "search memory", "ramp"}[random.IntN(4)], known: random.IntN(2) == 0,
		starts: 0.5 + 2*random.Float64(), memory: units.Bytes(150+random.IntN(600)) * units.MiB, deed: deeds[random.IntN(len(deeds))],
		times: 1 + random.IntN(4), evicted: random.IntN(2) == 0, atStart: random.IntN(2) == 0,
	}
	// Between two values of every grid, so that the truth is certain.
	step := random.IntN(5)
	w.demand = cpuStep * (float64(step) + 0.3 + 0.4*random.Float64())
	w.cpus = cpuStep * float64(1+random.IntN(6))
	w.memory = w.memory/memoryStep*memoryStep + units.Bytes(20+random.IntN(40))*units.MiB
	if random.IntN(3) == 0 {
		w.files = units.Bytes(60+random.IntN(100)) * units.MiB
		if beyond := (w.memory + w.files) % memoryStep; beyond < 20*units.MiB || beyond > 80*units.MiB {
			w.files += 40 * units.MiB
		}
	}
	w.below = w.memory/memoryStep*memoryStep + units.Bytes(1+random.IntN(3))*memoryStep
	w.eats = units.Bytes(100+random.IntN(300)) * units.MiB
	if w.kind != "search memory" {
		w.memory, w.files = 50*units.MiB, 0
	}
	w.neighbours(random)
	return w
}

// neighbours draws when others are busy: never, until some time, or always,
// with and without pauses.
func (w *world) neighbours(random *rand.Rand) {
	loops := 1 + random.IntN(12)
	from := time.Duration(random.IntN(20)) * time.Second
	switch random.IntN(4) {
	case 0:
		w.spans = []span{{from, from + time.Duration(5+random.IntN(30))*time.Second, loops, 0}}
	case 1:
		w.spans = []span{{from, 24 * time.Hour, loops, 0}}
	case 2:
		w.spans = []span{{from, 24 * time.Hour, loops, time.Duration(2+random.IntN(10)) * time.Second}}
	}
}

func (w *world) loopsAt(t time.Duration) int {
	for _, s := range w.spans {
		if t >= s.from && t < s.to && (s.pulse == 0 || (t-s.from)/s.pulse%2 == 0) {
			return s.loops
		}
	}
	return 0
}

// quietFor reports whether no neighbour is busy after some seconds of a run.
func (w *world) endsSoon() bool { return len(w.spans) == 0 || w.spans[0].to < time.Minute }

// holds is the truth: whether the undisturbed service sustains so many users at
// limits.
func (w *world) holds(cpus float64, memory units.Bytes, users int) bool {
	demand := w.demand * float64(users) / 100
	need := w.memory + w.files
	if w.deed == supervisor {
		need = max(need, w.below)
	}
	return memory >= need && cpus >= demand && hostCPUs-generated >= demand
}

func (w *world) String() string {
	return fmt.Sprintf("%s, demand %.2f, cpus %.2f, memory %s and %s of files (evicted %v), %s × %d below %s (at start %v), neighbours %+v",
		w.kind, w.demand, w.cpus, w.memory, w.files, w.evicted, w.deed, w.times, w.below, w.atStart, w.spans)
}

// plan returns the drawn plan.
func (w *world) plan() string {
	ready := "path = \"/health\""
	if w.deed == probing {
		ready = "command = [\"ready\"]"
	}
	text := fmt.Sprintf(`
service "api" {
  image  = "api:latest"
  expose = ["8000"]
  ready {
    %s
    within = %q
  }
}
scenario "predict" {
  think_time = "1s"
  request "predict" {
    path = "/predict"
  }
}
`, ready, within)
	const load = "  load {\n    scenario = scenario.predict\n    runtime = \"10s\"\n    spawn_rate = \"1000/s\"\n%s  }\n  threshold {\n    p95 = \"500ms\"\n    error_rate = \"1%%\"\n  }\n}\n"
	hundred := fmt.Sprintf(load, "    users = 100\n")
	set := fmt.Sprintf("  set {\n    cpus = %g\n    memory = \"1G\"\n  }\n", w.cpus)
	switch w.kind {
	case "check":
		return text + "check \"it\" {\n  service = service.api\n" + set + hundred
	case "ramp":
		return text + "ramp \"it\" {\n  service = service.api\n  users = [25, 50, 100, 200, 400]\n" + set + fmt.Sprintf(load, "")
	case "search cpus":
		return text + "search \"it\" {\n  service = service.api\n  set {\n    memory = \"1G\"\n  }\n  vary \"cpus\" {\n    from = 0.25\n    to = 1.5\n    step = 0.25\n  }\n" + hundred
	}
	return text + "search \"it\" {\n  service = service.api\n  set {\n    cpus = 1.5\n  }\n  vary \"memory\" {\n    from = \"100M\"\n    to = \"1500M\"\n    step = \"100M\"\n  }\n" + hundred
}
