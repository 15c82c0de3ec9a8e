package compose

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/units"
)

// limits of a service; 0 is none.
type limits struct {
	memory units.Bytes
	cpus   float64
	pids   int64
}

// limitWords are the words of a service that limits are read from.
var limitWords = []string{
	"mem_limit", "deploy.resources.limits.memory", "cpus", "cpu_period", "cpu_quota", "deploy.resources.limits.cpus",
	"pids_limit", "deploy.resources.limits.pids",
}

// unlimited say why other limits are left out.
var unlimited = map[string]string{
	"cpu_shares": "a share is not a limit: write cpus", "cpuset": "a plan limits the amount of CPU, and cannot pick CPUs",
	"cpu_percent": "write cpus", "cpu_count": "write cpus", "mem_swappiness": noSwap, "memswap_limit": noSwap,
	"mem_reservation": noReservation, "deploy.resources.reservations.memory": noReservation,
	"deploy.resources.reservations.cpus": noReservation,
}

// limitsOf reads them where Compose has them: in deploy, or beside it.
func limitsOf(s types.ServiceConfig) limits {
	l := limits{memory: units.Bytes(s.MemLimit), cpus: decimal(s.CPUS), pids: s.PidsLimit}
	if d := s.Deploy; d != nil && d.Resources.Limits != nil {
		l.memory = cmp.Or(l.memory, units.Bytes(d.Resources.Limits.MemoryBytes))
		l.cpus = cmp.Or(l.cpus, decimal(d.Resources.Limits.NanoCPUs.Value()))
		l.pids = cmp.Or(l.pids, d.Resources.Limits.Pids)
	}
	if l.cpus == 0 && s.CPUQuota > 0 {
		l.cpus = float64(s.CPUQuota) / float64(cmp.Or(s.CPUPeriod, 100_000))
	}
	l.cpus = math.Round(l.cpus*1000) / 1000
	return l
}

// decimal is the number that was written: 0.1, and not 0.10000000149.
func decimal(f float32) float64 {
	n, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
		return 0
	}
	return n
}

// Memory that is probably a slip: below what Docker takes, or for each CPU
// more than machines have. What an API may be meant to have is likely.
const (
	leastMemory  = 6 * units.MiB
	likelyMemory = 64 * units.MiB
	mostForACPU  = 128 * units.GiB
	mostPossible = 1024 * units.TiB
)

// mostPIDs is how many processes and threads Linux can have.
const mostPIDs = 4_194_304

// suspicion says why a limit of memory is probably a slip, and what was meant; 0
// is not known.
func (l limits) suspicion(host units.Bytes) (why string, meant units.Bytes) {
	text := amount(l.memory)
	switch {
	case l.memory <= 0:
		return "", 0
	case l.memory < leastMemory:
		why, meant = text+" is too little for any container", l.memory*1024
		if meant < leastMemory {
			meant *= 1024
		}
	case host > 0 && l.memory > host:
		unit := units.MiB // the amount is rounded for people
		if host >= 10*units.GiB {
			unit = units.GiB
		}
		why, meant = fmt.Sprintf("%s is more than this machine has (%s)", text, host/unit*unit), l.memory/1024
	case l.cpus > 0 && float64(l.memory) > float64(mostForACPU)*l.cpus, l.memory > mostPossible:
		why, meant = text+" is unlikely", l.memory/1024
	default:
		return "", 0
	}
	if meant < likelyMemory || host > 0 && meant > host || meant > mostPossible {
		return why + ".", 0
	}
	return why + ": did you mean " + amount(meant) + "?", meant
}

// pageSize is the kernel's unit of memory. A limit means whole pages.
const pageSize = 4 * units.KiB

// amount writes an amount of memory as a Compose file has it: 1.2G, which is no whole
// number of bytes, is not written in bytes.
func amount(b units.Bytes) string {
	exact := b.Exact()
	if _, odd := strings.CutSuffix(exact, "b"); !odd || b < units.MiB {
		return exact
	}
	for _, unit := range []units.Bytes{units.GiB, units.MiB} {
		for decimals := 1; decimals <= 3 && b >= unit; decimals++ {
			text := strconv.FormatFloat(float64(b)/float64(unit), 'f', decimals, 64) + strings.TrimLeft(unit.Exact(), "1")
			if read, err := units.ParseBytes(text); err == nil && read/pageSize == b/pageSize {
				return text
			}
		}
	}
	return exact
}

// number writes a number as short as it goes.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// limits writes the limits of a service. A doubtful one is replaced by what
// was meant where the service is searched, and else left out.
func (w serviceWriter) limits(p *page, s types.ServiceConfig) {
	l := limitsOf(s)
	memory := ""
	switch why, meant := l.suspicion(w.converter.Options.HostMemory); {
	case why != "" && meant > 0 && s.Name == w.converter.selection.api:
		memory = fmt.Sprintf("memory = %s # %s in the Compose file", quote(amount(meant)), amount(l.memory))
		w.converter.note(s.Name, "memory", fmt.Sprintf("%s The search starts at %s.", why, amount(meant)))
	case why != "":
		w.converter.note(s.Name, "memory", why+" The limit is left out.")
	case l.memory > 0:
		memory = "memory = " + quote(amount(l.memory))
	}
	if l.pids > mostPIDs {
		w.converter.note(s.Name, "pids_limit",
			fmt.Sprintf("%d is above the maximum of Linux. The limit is left out.", l.pids))
		l.pids = 0
	}
	if memory == "" && l.cpus == 0 && l.pids <= 0 { // -1 is no limit
		return
	}
	p.block("limits")
	if memory != "" {
		p.line("%s", memory)
	}
	if l.cpus > 0 {
		p.line("cpus = %s", number(l.cpus))
	}
	if l.pids > 0 {
		p.line("pids = %d", l.pids)
	}
	p.close()
}

// reach is the range of a search for memory.
type reach struct {
	from, to, step units.Bytes
	why            string // the comment at from
}

// steps are the distances that a search can have.
var steps = []units.Bytes{10 * units.MiB, 25 * units.MiB, 50 * units.MiB, 100 * units.MiB, 250 * units.MiB,
	500 * units.MiB, units.GiB, 2 * units.GiB, 5 * units.GiB, 10 * units.GiB}

// reachOf looks up to twice the limit that a service has, if the machine has that, in steps of
// about a tenth of the limit, and from one step on: people set limits far above the need. What
// was probably meant is where to start. The end is a value of the grid.
func reachOf(l limits, host units.Bytes) reach {
	r := around(l, host)
	r.to -= (r.to - r.from) % r.step
	return r
}

func around(l limits, host units.Bytes) reach {
	why, meant := l.suspicion(host)
	switch {
	case meant > 0:
		r := reach{from: meant, to: max(4*units.GiB, 4*meant), step: max(distance(meant), 100*units.MiB), why: why}
		if host > 0 && r.to > host {
			r.to = max(r.from, host/units.GiB*units.GiB)
		}
		return r
	case why != "" && l.memory > host && host > 0:
		r := around(limits{memory: max(host/units.GiB*units.GiB, units.GiB)}, host)
		r.why = why
		return r
	case why != "" || l.memory == 0:
		return reach{from: 100 * units.MiB, to: 4 * units.GiB, step: 100 * units.MiB, why: why}
	}
	step := distance(l.memory)
	r := reach{from: step, step: step, to: 2 * l.memory, why: "Around the " + amount(l.memory) + " of the Compose file."}
	if host > 0 && r.to > host {
		r.to = l.memory + r.step - 1 // the grid has a value for the limit itself
	}
	return r
}

// distance is about a tenth of an amount.
func distance(of units.Bytes) units.Bytes {
	chosen := steps[0]
	for _, s := range steps {
		if s <= of/10 {
			chosen = s
		}
	}
	return chosen
}
