package engine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"plan/internal/exchange"
)

// Part is what one agent measured of a divided load.
type Part struct {
	Machine string // that the agent ran on; agents may share one
	CPUs    int    // of that machine, that the agent could use
	Result  Result
}

// Merge merges the shares of a divided load as if one agent had sent all of it:
// counts add up, percentiles come from the sum of the histograms. The limits of
// each agent count, and those of all together. series has the windows: see Windows.
func Merge(parts []Part, series []Window) (Result, error) {
	sum, r := newSums(), Result{
		UsersNeverAnswered: new(0), UsersOverdue: new(0), PerAddress: map[string]int64{},
		Examples: map[exchange.Class]string{}, Series: series, Agents: len(parts),
	}
	for i := range parts {
		part := &parts[i].Result
		if err := sum.addResult(part); err != nil {
			return Result{}, fmt.Errorf("the result of agent %d of %d: %w", i+1, len(parts), err)
		}
		r.Transport, r.Ended = part.Transport, cmp.Or(r.Ended, part.Ended)
		r.Protocols = append(r.Protocols, part.Protocols...)
		*r.UsersNeverAnswered += valueOf(part.UsersNeverAnswered)
		*r.UsersOverdue += valueOf(part.UsersOverdue)
		r.CPUSeconds += part.CPUSeconds
		r.Connections += part.Connections
		for address, n := range part.PerAddress {
			r.PerAddress[address] += n
		}
		for class, example := range part.Examples {
			if _, has := r.Examples[class]; !has {
				r.Examples[class] = example
			}
		}
		for _, s := range part.Saturated {
			s.Text = fmt.Sprintf("agent %d of %d: %s", i+1, len(parts), s.Text)
			r.Saturated = append(r.Saturated, s)
		}
	}
	slices.Sort(r.Protocols)
	r.Protocols = slices.Compact(r.Protocols)
	sum.fill(&r)
	for name, of := range r.ByRequest {
		first := parts[0].Result.ByRequest[name]
		of.Method, of.OnStart = first.Method, first.OnStart
		r.ByRequest[name] = of
	}
	r.judgeMachines(parts)
	r.judgeRate()
	return r, nil
}

// judgeRate judges the rate of all agents together: each of them may have too few
// arrivals, or drop too few. Of the dropped ones, those count that failed on_start
// requests cannot explain.
func (r *Result) judgeRate() {
	missed := valueOf(r.Total.Dropped)
	arrivals := missed
	for name, of := range r.ByRequest {
		if _, drawn := r.JudgedByRequest[name]; drawn {
			arrivals += of.Requests
		}
		if of.OnStart {
			blocked := min(missed, of.Failed+valueOf(of.InFlight))
			missed, arrivals = missed-blocked, arrivals-blocked
		}
	}
	if text := tooFewArrivals(arrivals, missed); text != "" && !r.isSaturated(SaturationRate) {
		text = fmt.Sprintf("all agents together: %s: raise users or lower the rate, or give the agents more CPUs", text)
		r.Saturated = append(r.Saturated, Saturation{SaturationRate, text})
	}
}

func (r *Result) isSaturated(kind SaturationKind) bool {
	return slices.ContainsFunc(r.Saturated, func(s Saturation) bool { return s.Kind == kind })
}

// judgeMachines adds up the CPUs of agents, and what agents of one machine use
// of them together.
func (r *Result) judgeMachines(parts []Part) {
	machines := map[string]*Result{}
	for _, p := range parts {
		m := machines[p.Machine]
		if m == nil {
			m = &Result{Seconds: r.Seconds}
			machines[p.Machine] = m
		}
		m.CPUSeconds += p.Result.CPUSeconds
		m.Threads = min(m.Threads+p.Result.Threads, max(p.CPUs, p.Result.Threads))
	}
	for _, name := range slices.Sorted(maps.Keys(machines)) {
		m := machines[name]
		r.Threads += m.Threads
		if text := cpuSaturation(m, driverLoad{}); text != "" && !r.isSaturated(SaturationCPU) {
			r.Saturated = append(r.Saturated, Saturation{SaturationCPU, "all agents of one machine: " + text})
		}
	}
}

// addResult adds the counts and histograms of a result.
func (s *sums) addResult(r *Result) error {
	h := r.Histograms
	s.open = s.open || r.Total.Dropped != nil
	s.lasted = max(s.lasted, addSeconds(0, r.Seconds))
	s.judgedFrom = max(s.judgedFrom, addSeconds(0, r.Judged.From))
	all := JudgedLatencies{Judged: h.Judged, Failed: h.JudgedFailed, Waits: h.Waits}
	err := errors.Join(
		s.lateness.mergeText(h.Lateness), s.whole.addCounts(r.Total, Latencies{h.OK, h.Failed}),
		s.judged.addJudged(r.Judged, all),
	)
	for name, counts := range r.ByRequest {
		err = errors.Join(err, s.of(name).addCounts(counts, h.ByRequest[name]))
	}
	for name, judged := range r.JudgedByRequest {
		of := all // of the only request
		if len(r.JudgedByRequest) > 1 {
			of = h.JudgedByRequest[name]
		}
		err = errors.Join(err, s.judgedOf(name).addJudged(judged, of))
	}
	return err
}

func (c *counter) addCounts(n Counts, h Latencies) error {
	c.ok += n.OK
	c.failed += n.Failed
	c.inFlight += valueOf(n.InFlight)
	c.dropped += valueOf(n.Dropped)
	c.retried += valueOf(n.Retried)
	c.bytes += n.Bytes
	for class, of := range n.Errors {
		c.addError(class, of)
	}
	return errors.Join(c.okLatency.mergeText(h.OK), c.failedLatency.mergeText(h.Failed))
}

func (c *judgedCounter) addJudged(n Judged, h JudgedLatencies) error {
	c.ok += n.OK
	c.failed += n.Failed
	c.inFlight += n.Requests - n.OK - n.Failed
	return errors.Join(c.okLatency.mergeText(h.Judged), c.failedLatency.mergeText(h.Failed), c.waits.mergeText(h.Waits))
}

// valueOf returns a figure; 0 if it was not measured.
func valueOf[T int | int64](figure *T) (n T) {
	if figure != nil {
		n = *figure
	}
	return n
}

// Windows merges the windows of the agents of a divided load as they arrive.
type Windows struct {
	rec     Recorder // may be nil
	mu      sync.Mutex
	waiting [][]Window // by agent: those that other agents have not sent yet
	ended   []bool     // by agent
	merged  []Window
	err     error
}

// NewWindows returns the windows of so many agents. It passes each to rec, which
// may be nil, once all agents have sent theirs.
func NewWindows(agents int, rec Recorder) *Windows {
	return &Windows{rec: rec, waiting: make([][]Window, agents), ended: make([]bool, agents)}
}

// Of returns the recorder for the windows of an agent.
func (w *Windows) Of(agent int) Recorder { return agentWindows{w, agent} }

type agentWindows struct {
	of    *Windows
	agent int
}

func (a agentWindows) Record(window Window) {
	a.of.mu.Lock()
	defer a.of.mu.Unlock()
	a.of.waiting[a.agent] = append(a.of.waiting[a.agent], window)
	a.of.flush()
}

// End is called when an agent sends no further windows.
func (w *Windows) End(agent int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended[agent] = true
	w.flush()
}

// Series returns the merged windows.
func (w *Windows) Series() ([]Window, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.merged, w.err
}

// flush merges the windows that no agent still has to send.
func (w *Windows) flush() {
	for {
		next, has := Window{Second: len(w.merged), Waiting: new(0)}, false
		var took histogram
		for agent := range w.waiting {
			if len(w.waiting[agent]) == 0 && !w.ended[agent] {
				return
			}
			has = has || len(w.waiting[agent]) > 0
		}
		if !has {
			return
		}
		for agent, windows := range w.waiting {
			if len(windows) == 0 {
				continue
			}
			from := windows[0]
			w.waiting[agent] = windows[1:]
			next.Users += from.Users
			next.Requests += from.Requests
			next.OK += from.OK
			next.Failed += from.Failed
			*next.Waiting += valueOf(from.Waiting)
			next.Exchanges = append(next.Exchanges, from.Exchanges...)
			if err := took.mergeText(from.Histogram); err != nil {
				w.err = errors.Join(w.err, fmt.Errorf("second %d of agent %d of %d: %w", next.Second, agent+1, len(w.waiting), err))
			}
		}
		next.Latency = took.percentiles()
		if w.rec != nil {
			w.rec.Record(next)
		}
		next.Exchanges = nil
		w.merged = append(w.merged, next)
	}
}
