package truth

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// probe sleeps for a millisecond repeatedly and records how much longer it
// took: the delay that the machine imposed on waiting processes.
type probe struct {
	over []time.Duration
	stop chan struct{}
	end  sync.WaitGroup
}

func watch() *probe {
	p := &probe{stop: make(chan struct{})}
	p.end.Go(func() {
		for {
			select {
			case <-p.stop:
				return
			default:
			}
			began := time.Now()
			time.Sleep(time.Millisecond)
			p.over = append(p.over, time.Since(began)-time.Millisecond)
		}
	})
	return p
}

// done ends the probe. Call it before reading the values.
func (p *probe) done() {
	close(p.stop)
	p.end.Wait()
	slices.Sort(p.over)
}

// at returns a percentile of the oversleep.
func (p *probe) at(percentile float64) time.Duration { return quantile(p.over, percentile) }

// quantile uses HdrHistogram's rank rule. The values are sorted.
func quantile(values []time.Duration, percentile float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	rank := max(1, int(percentile/100*float64(len(values))+0.5))
	return values[min(rank, len(values))-1]
}

// steady repeats a measurement, at most twice, if the machine was disturbed,
// and judges the last one. Its result must not influence that: disturbed looks
// only at the probe and the referee's own lateness. It returns "", or the
// difference.
func steady[T any](t *testing.T, measure func() T, disturbed func(T, *probe) string, judge func(seen T, p *probe, disturbed bool)) {
	t.Helper()
	for try := 1; ; try++ {
		p := watch()
		seen := measure()
		p.done()
		why := disturbed(seen, p)
		if why != "" {
			t.Logf("measurement %d: something else had the machine: %s", try, why)
		}
		if why == "" || try == 3 {
			judge(seen, p, why != "")
			return
		}
	}
}

// overslept reports whether the probe overslept more than allowed.
func overslept[T any](percentile float64, allowed time.Duration) func(T, *probe) string {
	return func(_ T, p *probe) string {
		if d := p.at(percentile); d > allowed {
			return fmt.Sprintf("a sleep of 1 ms took %v longer (p%v)", d, percentile)
		}
		return ""
	}
}

// mostly compares times. If the first measurement fails, two of four others
// must pass: other load on the machine may spoil one or two without the probe
// noticing. A fault of the load engine spoils all of them.
func mostly[T any](t *testing.T, measure func() T, judge func(t testing.TB, seen T, p *probe)) {
	t.Helper()
	once := func() (faults []string) {
		steady(t, measure, overslept[T](99, undisturbed), func(seen T, p *probe, _ bool) {
			doubted := &doubted{TB: t}
			judge(doubted, seen, p)
			faults = doubted.faults
		})
		return faults
	}
	faults := once()
	if len(faults) == 0 {
		return
	}
	t.Logf("this did not hold: %q", faults)
	held := 0
	for range 4 {
		if faults = once(); len(faults) > 0 {
			t.Logf("nor did this: %q", faults)
			continue
		}
		if held++; held == 2 {
			return
		}
	}
	t.Errorf("%d of 4 measurements held after one that did not", held)
}

// doubted is a test with preliminary errors.
type doubted struct {
	testing.TB
	faults []string
}

// Errorf keeps an error.
func (d *doubted) Errorf(format string, args ...any) {
	d.faults = append(d.faults, fmt.Sprintf(format, args...))
}
