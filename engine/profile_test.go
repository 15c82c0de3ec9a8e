package engine

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// walk returns all steps of a load as "+user@time" and "-user@time".
func walk(load Load) (all []string) {
	for s := newSteps(&load); s.next(); {
		sign := "-"
		if s.starts {
			sign = "+"
		}
		all = append(all, fmt.Sprint(sign, s.user, "@", s.at))
	}
	return all
}

func TestUsersStartAndRetire(t *testing.T) {
	for name, c := range map[string]struct {
		load Load
		want []string
	}{
		"at once":   {Load{Users: 3}, []string{"+0@0s", "+1@0s", "+2@0s"}},
		"at a rate": {Load{Users: 3, SpawnRate: 0.3}, []string{"+0@0s", "+1@3.333333333s", "+2@6.666666667s"}},
		"up and down": {Load{Stages: []Stage{{Users: 3, Over: 3 * time.Second}, {Over: 6 * time.Second}}},
			[]string{"+0@0s", "+1@1s", "+2@2s", "-2@5s", "-1@7s", "-0@9s"}},
		"in jumps": {Load{Stages: []Stage{{Users: 2}, {Users: 2, Over: time.Second}, {Users: 1}, {Users: 1, Over: time.Second}, {Users: 3}}},
			[]string{"+0@0s", "+1@0s", "-1@1s", "+1@2s", "+2@2s"}},
		"up twice": {Load{Stages: []Stage{{Users: 2, Over: time.Second}, {Users: 2, Over: 9 * time.Second}, {Users: 4, Over: 4 * time.Second}}},
			[]string{"+0@0s", "+1@500ms", "+2@10s", "+3@12s"}},
		"down and up again": {Load{Stages: []Stage{{Users: 2}, {Over: 2 * time.Second}, {Over: time.Second}, {Users: 1, Over: time.Second}}},
			[]string{"+0@0s", "+1@0s", "-1@1s", "-0@2s", "+0@3s"}},
		"nowhere": {Load{Stages: []Stage{{}, {Over: time.Second}}}, nil},
	} {
		if got := walk(c.load); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// The schedule of a constant rate does not depend on stages, to the nanosecond.
func TestARateIsExact(t *testing.T) {
	for _, rate := range []float64{0.5, 1, 3, 7, 10, 199.9, 1000, 333_333} {
		const n = 1000
		spawn := newSteps(&Load{Users: n, SpawnRate: rate})
		c := choice{1}
		come := newArrivals(&Load{ArrivalRate: rate}, c)
		for i := range n {
			want := time.Duration(math.Round(float64(i) / rate * float64(time.Second)))
			if !spawn.next() || spawn.user != i || spawn.at != want {
				t.Fatalf("user %d of %v/s starts at %v, want %v", spawn.user, rate, spawn.at, want)
			}
			if come.n != i || come.at != want {
				t.Fatalf("arrival %d of %v/s comes at %v, want %v", come.n, rate, come.at, want)
			}
			come.next()
		}
		if spawn.next() {
			t.Errorf("a user too many, at %v", spawn.at)
		}
	}
}

func TestARateThatGrows(t *testing.T) {
	load := &Load{Stages: []Stage{{Rate: 100, Over: 10 * time.Second}, {Rate: 100, Over: 5 * time.Second}, {Over: 2 * time.Second}, {Over: 3 * time.Second}, {Rate: 10}}}
	a := newArrivals(load, choice{1})
	for _, c := range []struct {
		n    int // arrivals until then: 5t², then 100 a second, then 100t - 25t²
		want time.Duration
	}{
		{0, 0}, {5, time.Second}, {20, 2 * time.Second}, {125, 5 * time.Second}, {500, 10 * time.Second}, {501, 10010 * time.Millisecond},
		{900, 14 * time.Second}, {1000, 15 * time.Second}, {1075, 16 * time.Second}, {1100, 20 * time.Second}, {1101, 20100 * time.Millisecond}, {1200, 30 * time.Second},
	} {
		a.skip(c.n - a.n)
		if d := a.at - c.want; d.Abs() > 2 {
			t.Errorf("arrival %d comes at %v, want %v", c.n, a.at, c.want)
		}
	}
}

func TestTheIntegralOfARate(t *testing.T) {
	load := &Load{Stages: []Stage{{Rate: 40}, {Rate: 40, Over: time.Second}, {Rate: 100, Over: 2 * time.Second}, {Rate: 20}, {Rate: 20, Over: time.Second}, {}}}
	whole := integral{remaining: newProfile(load)}
	for moment, want := range map[time.Duration]float64{
		0: 0, 500 * time.Millisecond: 20, time.Second: 40, 2 * time.Second: 95, 3 * time.Second: 180, 3500 * time.Millisecond: 190, 4 * time.Second: 200, time.Hour: 200,
	} {
		if got := whole.valueAt(moment); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v arrivals until %v, want %v", got, moment, want)
		}
	}
	a := newArrivals(load, choice{1})
	a.skip(150)
	if got, of3 := a.dueBefore(3*time.Second, 1), a.dueBefore(3*time.Second, 3); got != 30 || of3 != 10 {
		t.Errorf("%d behind of those from the 150th on, %d of every third", got, of3)
	}
	if got := a.dueBefore(2*time.Second, 1); got != 0 {
		t.Errorf("%d behind of those that come later", got)
	}
	if a.skip(50); a.at != never || a.dueBefore(time.Hour, 1) != 0 {
		t.Errorf("arrival %d comes at %v", a.n, a.at)
	}
}

// With a rising rate, Poisson arrivals follow the integral.
func TestPoissonFollowsTheRate(t *testing.T) {
	load := &Load{Poisson: true, Seed: 11, Stages: []Stage{{Rate: 2000, Over: 10 * time.Second}, {Over: 10 * time.Second}}}
	a, second := newArrivals(load, choice{1}), make([]int, 20)
	for ; a.at != never; a.next() {
		second[int(a.at/time.Second)]++
	}
	for i, n := range second {
		want := 200 * (float64(min(i, 19-i)) + 0.5)
		if math.Abs(float64(n)-want) > 4*math.Sqrt(want) {
			t.Errorf("%d arrivals in second %d, want about %v", n, i, want)
		}
	}
}

// Extreme rates and times do not overflow and do not end the iteration early.
func TestProfilesOfAnySize(t *testing.T) {
	const century = 100 * 365 * 24 * time.Hour
	if got, want := walk(Load{Users: 2, SpawnRate: 1e-300}), []string{"+0@0s", fmt.Sprint("+1@", never)}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	stages := []Stage{{Users: 1, Over: 2 * century}, {Users: 2, Over: 2 * century}, {Users: 1, Over: time.Nanosecond}, {Users: 3}}
	got := walk(Load{Stages: stages})
	if len(got) != 5 || got[0] != "+0@0s" || got[4] != fmt.Sprint("+2@", never) {
		t.Errorf("%v", got)
	}
	slow := newArrivals(&Load{ArrivalRate: 1e-300}, choice{1})
	if slow.next(); slow.at != never {
		t.Errorf("the next one comes at %v", slow.at)
	}
}

func TestLoopsOfALoad(t *testing.T) {
	for _, c := range []struct {
		load Load
		want int
	}{
		{Load{Users: 1}, 1}, {Load{Users: 3}, 3}, {Load{Users: 100}, 8}, {Load{Users: 100, Threads: 2}, 2}, {Load{Users: 100, Threads: 9}, 8},
		{Load{Users: 1, Threads: 2}, 1}, {Load{Users: 255, ArrivalRate: 1}, 1}, {Load{Users: 256, Stages: []Stage{{Rate: 1}}}, 2},
		{Load{Users: 5000, ArrivalRate: 1}, 8}, {Load{Users: 20, ArrivalRate: 1, Threads: 4}, 4},
	} {
		if got := c.load.loopCount(8); got != c.want {
			t.Errorf("%+v: %d loops on 8 CPUs, want %d", c.load, got, c.want)
		}
	}
}
