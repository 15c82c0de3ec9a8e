package plans

import (
	"time"

	"plan/internal/units"
)

// Host is what the checks need to know of the engine, its machine and this
// one.
type Host struct {
	Memory      units.Bytes    // of the engine's machine
	CPUs        units.CPUs     // of the engine's machine, in thousandths
	MemoryLimit bool           // the engine can limit memory
	SwapLimit   bool           // the engine can limit swap
	Networks    []string       // names on the engine
	Images      []string       // references with their tags on the engine, and ids
	Ports       map[int]string // ports of the host that are in use, by whom: "the container web"
	Registries  []string       // hosts that there are credentials for, as imagename.Registry names them
	OpenFiles   int            // files that the load generator may open; 0: not known
	LocalPorts  int            // ports for its connections to one target; 0: not known
	Leftovers   []string       // what dead runs have left, one thing each
	// Healthchecks are the intervals of those of images on the engine, by the
	// reference that a service has.
	Healthchecks map[string]time.Duration
}
