package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
	"plan/runner/search"
)

// holding is how a dimension is held against the engine's machine.
type holding struct {
	code    string // of what is more than the machine has
	has     func(Host) int64
	least   int64 // that Docker accepts; 0: any
	whole   bool  // what runs at the same time must fit together; else it competes
	text    func(int64) string
	claim   func(int64) string                            // what an attribute asks for
	literal func(int64) string                            // a value that is no greater, as a plan has it
	help    func(setting string, value, has int64) string // for a value that is too large
}

// holdings are those of the dimensions that a host can have too little of.
var holdings = map[plans.Dimension]*holding{
	plans.Memory: {
		code: "P0501", has: func(h Host) int64 { return int64(h.Memory) }, least: int64(leastMemory), whole: true,
		text:    func(v int64) string { return gibibytes(units.Bytes(v)) },
		claim:   func(v int64) string { return "memory of " + gibibytes(units.Bytes(v)) },
		literal: memoryLiteral,
		help:    func(_ string, value, has int64) string { return smallerMemory(units.Bytes(value), units.Bytes(has)) },
	},
	plans.CPUs: {
		code: "P0507", has: func(h Host) int64 { return int64(h.CPUs) },
		text: func(v int64) string {
			if v == 1000 {
				return "1 CPU"
			}
			return units.CPUs(v).String() + " CPUs"
		},
		claim:   func(v int64) string { return "cpus = " + plans.CPUs.Short(v) },
		literal: plans.CPUs.Short,
		help:    func(setting string, _, has int64) string { return "write at most " + setting + plans.CPUs.Short(has) },
	},
}

// MostOfOne returns what one replica can have, where the machine does not show it: on a
// cluster.
func (h Host) MostOfOne() plans.Limits {
	if !h.Kubernetes {
		return plans.Limits{}
	}
	return plans.Limits{Memory: h.Memory, CPUs: h.CPUs}
}

// has are the words before an amount: "the host has 24 GiB".
func (h Host) has() string {
	if h.Kubernetes {
		return "a pod can have"
	}
	return "the host has"
}

// limits checks every limit that the plan names against the machine.
func (h Host) limits(p *plans.Plan) diag.List {
	var list diag.List
	for _, s := range p.Services {
		block := s.Decl.Block("limits")
		list = append(list, h.fixed(block, s.Limits)...)
		if block.Has("start_cpus") {
			cpus := int64(s.StartCPUs)
			list = append(list, h.exceeded(plans.CPUs, block, "start_cpus", "start_cpus = "+plans.CPUs.Short(cpus), cpus)...)
		}
	}
	// The machine must be able to keep the guard's memory free beside the service.
	if g := p.Guard; g.Decl != nil && !h.Kubernetes && g.HostMemoryFree+leastMemory > h.Memory {
		list = append(list, diag.NewError("P0501", g.Decl.Range("host_memory_free"),
			fmt.Sprintf("the guard keeps %s free, which leaves nothing for the service: the host has %s",
				gibibytes(g.HostMemoryFree), gibibytes(h.Memory)),
			smallerMemory(g.HostMemoryFree, h.Memory)))
	}
	for _, s := range p.Stages {
		list = slices.Concat(list, h.fixed(s.Decl.Block("set"), s.Set), h.varied(s), h.together(s))
	}
	return list
}

// fixed checks the limits that a block has.
func (h Host) fixed(block *plans.Decl, limits plans.Settings) diag.List {
	var list diag.List
	for _, d := range plans.Dimensions() {
		held, value := holdings[d], limits.Get(d)
		if held == nil || !block.Has(string(d)) {
			continue
		}
		list = append(list, h.exceeded(d, block, string(d), held.claim(value), value)...)
		list = append(list, h.tooSmall(d, value, block.Range(string(d)))...)
	}
	return list
}

// exceeded reports an attribute whose value is more than the host has of a dimension.
func (h Host) exceeded(d plans.Dimension, block *plans.Decl, attribute, claim string, value int64) diag.List {
	held := holdings[d]
	has := held.has(h)
	if value <= has {
		return nil
	}
	return diag.List{diag.NewError(held.code, block.Range(attribute),
		fmt.Sprintf("%s is more than the %s that %s", claim, held.text(has), h.has()),
		held.help(attribute+" = ", value, has))}
}

// tooSmall reports a limit that is less than Docker, or a limit range of a cluster, accepts.
func (h Host) tooSmall(d plans.Dimension, value int64, at diag.SourceRange) diag.List {
	who, least := "Docker", holdings[d].least
	if h.Kubernetes {
		who, least = "a limit range of the namespace", plans.Settings{Limits: h.Least}.Get(d)
	}
	if value <= 0 || value >= least {
		return nil
	}
	return diag.List{diag.NewError("P0502", at,
		fmt.Sprintf("%s accepts no %s limit below %s", who, d.Noun(), d.Short(least)),
		"write at least "+holdings[d].literal(least))}
}

// varied returns what of a search this host cannot be asked for: the values
// above what it has. When that is all of them the search cannot run.
func (h Host) varied(s plans.Stage) diag.List {
	var list diag.List
	for _, v := range s.Vary {
		held, vary := holdings[v.Dimension], VaryBlock(s, v.Dimension)
		if held == nil {
			continue
		}
		most := held.has(h)
		has, help := held.text(most), held.help("", v.From, most)
		least := int64(max(1, s.LimitsAt(search.Cell{}).Replicas))
		if held.whole && !h.Kubernetes && least > 1 {
			has += fmt.Sprintf(" for %d replicas", least)
			most /= least
		}
		switch {
		case v.From > most:
			list = append(list, diag.NewError(held.code, vary.Range("from"),
				fmt.Sprintf("the search cannot try any of its values: %s %s", h.has(), has), help))
		case v.To > most:
			list = append(list, diag.NewNote(held.code, vary.Range("to"),
				fmt.Sprintf("the search cannot try values above %s: %s %s", held.text(most), h.has(), has), ""))
		}
		list = append(list, h.tooSmall(v.Dimension, v.From, vary.Range("from"))...)
	}
	return list
}

// together checks what runs at the same time on one machine: the replicas of a service,
// and what it depends on.
func (h Host) together(s plans.Stage) diag.List {
	if h.Kubernetes { // pods are on several nodes
		return nil
	}
	most := s.MostLimits()
	var list diag.List
	for _, d := range plans.Dimensions() {
		held := holdings[d]
		if held == nil {
			continue
		}
		_, varied := s.Varied(d)
		_, replicas := s.Varied(plans.Replicas)
		each, n, has := most.Get(d), s.Replicas(), held.has(h)
		own := each * n
		at, help := limitRange(s, plans.Replicas), fmt.Sprintf("write at most %s = %s, or fewer replicas", d, held.literal(has/n))
		switch {
		case own <= has:
			// A service and what it depends on may use more together than there
			// is. None of them has to: so it is no error.
			all, texts := own, []string{}
			for _, helper := range s.Helpers {
				if v := helper.Limits.Get(d); v > 0 {
					all += v
					texts = append(texts, held.text(v)+" of "+helper.Address)
				}
			}
			if held.whole && own > 0 && len(texts) > 0 && all > has {
				list = append(list, diag.NewWarning(held.code, limitRange(s, d),
					fmt.Sprintf("%s may use %s, and its helpers may use %s: this is more than the %s that the host has",
						s.Service.Address,
						held.text(own), strings.Join(texts, ", "), held.text(has)),
					"write smaller limits"))
			}
		case each > has: // fixed and varied report it
		case !held.whole:
			list = append(list, diag.NewWarning(held.code, at,
				fmt.Sprintf("%d replicas of %s will compete for the %s that the host has", n, held.text(each), held.text(has)),
				help))
		case !varied && !replicas: // a search tries only what fits
			list = append(list, diag.NewError(held.code, at,
				fmt.Sprintf("%d replicas of %s need %s, but the host has %s", n, held.text(each), held.text(own), held.text(has)),
				help))
		}
	}
	return list
}

// smallerMemory asks whether the next smaller unit was meant.
func smallerMemory(b, has units.Bytes) string {
	for _, unit := range []struct {
		size units.Bytes
		next string
	}{{units.TiB, "G"}, {units.GiB, "M"}} {
		if n := b / unit.size; b%unit.size == 0 && b/1024 <= has && (n >= 100 || unit.next == "G") {
			return fmt.Sprintf("did you mean \"%d%s\"?", b/unit.size, unit.next)
		}
	}
	return "write at most " + memoryLiteral(int64(has))
}

func gibibytes(b units.Bytes) string {
	gib := float64(b) / float64(units.GiB)
	switch {
	case gib >= 10*1024:
		return fmt.Sprintf("%.0f TiB", gib/1024)
	case gib >= 10 || b%units.GiB == 0:
		return fmt.Sprintf("%.0f GiB", gib)
	case gib >= 1:
		return fmt.Sprintf("%.1f GiB", gib)
	}
	return fmt.Sprintf("%.0f MiB", float64(b)/float64(units.MiB))
}

// memoryLiteral is an amount as a plan has it, in whole mebibytes.
func memoryLiteral(v int64) string {
	return strconv.Quote((units.Bytes(v) / units.MiB * units.MiB).String())
}
