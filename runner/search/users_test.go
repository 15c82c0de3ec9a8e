package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// userService is a service whose capacity is known.
type userService struct {
	name   string
	passes func(users int) bool    // in a trial in full
	window func(users int) bool    // in a window of a load that grows
	rate   func(users int) float64 // OK responses per second
}

// slots is a closed queue: w servers of s seconds each, users that think for z seconds
// on average; the 95th percentile must be at most limit.
func slots(w int, s, z, limit float64) userService {
	p95 := map[int]float64{}
	at := func(users int) (rate, late float64) {
		// The distribution of the number in the system, by its birth-death process.
		distribution := func(n int) []float64 {
			p, sum := []float64{1}, 1.0
			for k := 1; k <= n; k++ {
				p = append(p, p[k-1]*float64(n-k+1)/z*s/float64(min(k, w)))
				sum += p[k]
				if sum > 1e200 {
					for i := range p {
						p[i] /= sum
					}
					sum = 1
				}
			}
			for i := range p {
				p[i] /= sum
			}
			return p
		}
		busy := 0.0
		for k, p := range distribution(users) {
			busy += p * float64(min(k, w))
		}
		cumulated := 0.0
		for k, p := range distribution(users - 1) { // what an arrival finds
			if cumulated += p; cumulated >= 0.95 {
				return busy / s, s * (1 + float64(max(0, k-w+1))/float64(w))
			}
		}
		return busy / s, math.Inf(1)
	}
	passes := func(users int) bool {
		if _, known := p95[users]; !known {
			_, p95[users] = at(users)
		}
		return p95[users] <= limit
	}
	return userService{
		name: fmt.Sprintf("%d slots of %.0fms", w, s*1000), passes: passes, window: passes,
		rate: func(users int) float64 { r, _ := at(users); return r },
	}
}

// cliff is a service that fails from a number of users on.
func cliff(most int) userService {
	passes := func(users int) bool { return users <= most }
	return userService{
		name: fmt.Sprintf("cliff at %d", most), passes: passes, window: passes,
		rate: func(users int) float64 { return float64(users) },
	}
}

// most is the capacity of a service that is monotone.
func (s userService) most(u Users) int {
	return u.From - 1 + sort.Search(u.To-u.From+1, func(i int) bool { return !s.passes(u.From + i) })
}

// What a trial takes besides its load, and the windows of a load that grows, as
// package plans makes them of a runtime of a minute.
const (
	trialOverhead = 8.0
	runtimeTaken  = 60.0
	windowTaken   = 9.0
)

// play searches a service, and returns its trials and the seconds that they take.
func (s userService) play(t *testing.T, u Users) (tried []Loaded, seconds float64) {
	t.Helper()
	for range u.Most() + 1 {
		step := u.Next(tried)
		if step.Done {
			return tried, seconds
		}
		if step.Grow == nil {
			tried = append(tried, Loaded{Users: step.Users, Passed: s.passes(step.Users)})
			seconds += trialOverhead + runtimeTaken
			continue
		}
		var windows []Window
		for _, n := range step.Grow {
			rate := s.rate(n)
			windows = append(windows, Window{Users: n, OK: int64(100 * rate), Rate: rate, Broken: !s.window(n)})
			if Stops(step.Grow, windows) {
				break
			}
			if windows[len(windows)-1].Broken { // the last one
				break
			}
		}
		tried = append(tried, Loaded{Windows: windows})
		seconds += trialOverhead + windowTaken*float64(len(windows))
	}
	t.Fatalf("%s: no end after %d trials: %+v", s.name, len(tried), tried)
	return nil, 0
}

// byHand doubles the users until a trial fails, and halves what is left.
func (s userService) byHand(u Users) (trials int, seconds float64) {
	low, high := 0, 0
	try := func(n int) {
		trials++
		if s.passes(n) {
			low = n
		} else {
			high = n
		}
	}
	for n := u.From; high == 0 && low < u.To; n = min(u.To, 2*n) {
		try(n)
	}
	for high > 0 && low > 0 && high-low > u.StepAt(low) {
		try(low + (high-low)/2)
	}
	return trials, float64(trials) * (trialOverhead + runtimeTaken)
}

// drawnUsers returns services whose capacities are spread over their magnitude.
func drawnUsers(random *rand.Rand, n int) []userService {
	var services []userService
	for range n {
		services = append(services, cliff(int(math.Exp(random.Float64()*math.Log(1000)))))
		w, s := 1+random.IntN(8), 0.01+0.09*random.Float64() // one slot is CPU time for each request
		services = append(services, slots(w, s, 0.5+2*random.Float64(), s*(2+4*random.Float64())))
	}
	return services
}

func TestStepOfUsers(t *testing.T) {
	for _, c := range []struct {
		users   Users
		n, want int
	}{
		{Users{}, 1, 1}, {Users{}, 99, 1}, {Users{}, 100, 2}, {Users{}, 149, 2}, {Users{}, 150, 3},
		{Users{Step: 7}, 1000, 7},
		{Users{Growth: 0.05}, 1, 1}, {Users{Growth: 0.05}, 20, 1}, {Users{Growth: 0.05}, 21, 2}, {Users{Growth: 0.05}, 400, 20},
		{Users{Growth: 1}, 30, 30}, {Users{Growth: 0.07}, 100, 7}, {Users{Growth: 0.07}, 101, 8}, {Users{Growth: 1e-9}, 1, 1},
	} {
		if got := c.users.StepAt(c.n); got != c.want {
			t.Errorf("%+v: %d from %d, want %d", c.users, got, c.n, c.want)
		}
	}
}

func TestTheGapOfAProof(t *testing.T) {
	for _, c := range []struct {
		users Users
		a     UsersAnswer
		want  int
	}{
		{Users{}, UsersAnswer{Held: 200, Failed: 220}, 4},
		{Users{}, UsersAnswer{Held: 200, Failed: 220, Mixed: 220}, 22},
		{Users{}, UsersAnswer{Held: 1, Failed: 2, Mixed: 2}, 1},
		{Users{Step: 30}, UsersAnswer{Held: 200, Failed: 220, Mixed: 220}, 30},
	} {
		if got := c.users.Gap(c.a); got != c.want {
			t.Errorf("%+v of %+v: %d, want %d", c.users, c.a, got, c.want)
		}
	}
}

func TestUsersAreExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	u := Users{From: 1, To: 1000}
	services := drawnUsers(random, 150)
	var trials, seconds, handTrials, handSeconds float64
	worst, histogram := 0, map[int]int{}
	for _, s := range services {
		most := s.most(u)
		tried, took := s.play(t, u)
		a := u.Answer(tried)
		exact := a.Held <= most && (most < a.Held+u.StepAt(a.Held)) && (a.Failed == 0) == (most == u.To)
		if a.Failed > 0 && a.Held > 0 && a.Failed-a.Held > u.StepAt(a.Held) || !exact || a.Mixed > 0 {
			t.Errorf("%s: most users are %d, and the answer is %+v by %+v", s.name, most, a, tried)
		}
		n, hand := s.byHand(u)
		histogram[len(tried)]++
		worst = max(worst, len(tried))
		trials, seconds, handTrials, handSeconds = trials+float64(len(tried)), seconds+took, handTrials+float64(n), handSeconds+hand
	}
	count := float64(len(services))
	t.Logf("%d services: %.2f trials (worst %d, %v), %.0f s; by hand %.2f trials, %.0f s: ratio %.2f of trials, %.2f of time",
		len(services), trials/count, worst, histogram, seconds/count, handTrials/count, handSeconds/count, trials/handTrials, seconds/handSeconds)
	if worst > 6 || seconds > 0.5*handSeconds {
		t.Errorf("worst case %d trials, and %.2f of the time by hand", worst, seconds/handSeconds)
	}
}

// Windows are short: where they err, the trials still prove the answer.
func TestUsersWithWindowsThatErr(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	u := Users{From: 1, To: 1000}
	trials, worst, n := 0, 0, 0
	for _, s := range drawnUsers(random, 100) {
		most := s.most(u)
		exact := s.passes
		s.window = func(users int) bool {
			return exact(max(1, int(math.Round(float64(users)*(1+0.05*random.NormFloat64())))))
		}
		tried, _ := s.play(t, u)
		a := u.Answer(tried)
		if a.Held > most || most >= a.Held+u.StepAt(a.Held) || (a.Failed == 0) != (most == u.To) || a.Mixed > 0 {
			t.Errorf("%s: most users are %d, and the answer is %+v by %+v", s.name, most, a, tried)
		}
		trials, worst, n = trials+len(tried), max(worst, len(tried)), n+1
	}
	t.Logf("%.2f trials, worst %d", float64(trials)/float64(n), worst)
	if trials > 7*n || worst > 13 {
		t.Error("too many")
	}
}

// The capacity of a real machine varies from trial to trial, and its short windows hold more or
// fewer than a whole load: the search ends all the same, and what it held is within that.
func TestUsersOfAServiceThatVaries(t *testing.T) {
	const n = 200
	for _, c := range []struct {
		windows, differs float64 // share of the users that windows hold; most that a trial differs
		mean             float64 // trials, at most
		worst            int
	}{{1, 0.05, 7, 12}, {1, 0.1, 7.5, 13}, {0.85, 0.05, 11, 14}, {0.85, 0.1, 10, 15}, {1.15, 0.05, 11, 14}, {1.15, 0.1, 10, 14}} {
		random := rand.New(rand.NewPCG(11, 12))
		trials, worst, bands := 0, 0, 0
		for range n {
			mean := 50 * math.Exp(random.Float64()*math.Log(10))
			draw := func() float64 { return mean * (1 + c.differs*(2*random.Float64()-1)) }
			ofLoad := draw()
			s := userService{
				name:   "varies",
				passes: func(users int) bool { return float64(users) <= draw() },
				window: func(users int) bool {
					if users == 1 {
						ofLoad = draw()
					}
					return float64(users) <= c.windows*ofLoad
				},
				rate: func(users int) float64 { return float64(users) },
			}
			u := Users{From: 1, To: 1000}
			tried, _ := s.play(t, u)
			a := u.Answer(tried)
			trials, worst = trials+len(tried), max(worst, len(tried))
			if a.Mixed > 0 {
				bands++
			}
			if held := float64(a.Held) / mean; held > 1+c.differs || held < 0.88-c.differs || a.Failed-a.Held > u.Gap(a) {
				t.Errorf("%+v: %+v of %.0f by %+v", c, a, mean, tried)
			}
		}
		t.Logf("%+v: %.2f trials, worst %d, %d of %d are bands", c, float64(trials)/n, worst, bands, n)
		if float64(trials) > c.mean*n || worst > c.worst {
			t.Error("too many")
		}
	}
}

// Whatever a service does, the search ends within its bound, and never asks for more
// than twice what passed.
func TestUsersAreBounded(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	worst := 0
	for range 20_000 {
		u := Users{From: 1 + random.IntN(20), Step: random.IntN(3) * random.IntN(20)}
		u.To = u.From + random.IntN(2000)
		u.Least = random.IntN(2) * random.IntN(3000)
		chance, flat := random.Float64(), random.IntN(2) == 0
		coin := func(int) bool { return random.Float64() < chance }
		s := userService{name: "chance", passes: coin, window: coin, rate: func(users int) float64 {
			if flat {
				return 200
			}
			return float64(users)
		}}
		tried, _ := s.play(t, u)
		worst = max(worst, len(tried)-u.Most())
		passed := u.From
		var seen []Window
		first, second := u.Growths()
		longest := 0 // in windows
		for _, targets := range second {
			longest = max(longest, len(targets))
		}
		for i, trial := range tried {
			if i == 0 && len(trial.Windows) > len(first) || i == 1 && len(trial.Windows) > longest {
				t.Fatalf("%+v: a load of %d windows, expected at most %d and %d", u, len(trial.Windows), len(first), longest)
			}
			ran := []Window{{Users: trial.Users, Broken: !trial.Passed}}
			if trial.Windows != nil {
				ran = trial.Windows
			}
			for _, w := range ran {
				if w.Users > 2*passed || w.Users < u.From || w.Users > u.To {
					t.Fatalf("%d users after %d passed: %+v", w.Users, passed, tried)
				}
				if knee := Knee(seen); knee > 0 && w.Users > knee && w.Users > max(passed+1, int(1.1*float64(passed))) {
					t.Fatalf("%d users after %d passed, past the knee of %d: %+v", w.Users, passed, knee, tried)
				}
				if trial.Windows != nil {
					seen = append(seen, w)
				}
				if !w.Broken {
					passed = max(passed, w.Users)
				}
			}
		}
		a := u.Answer(tried)
		if a.Held > 0 && a.Failed > 0 && a.Failed-a.Held > u.Gap(a) && len(tried) < u.Most() {
			t.Fatalf("%+v: an answer without a proof: %+v by %+v", u, a, tried)
		}
	}
	if worst > 0 {
		t.Errorf("%d trials more than the bound", worst)
	}
}

// Where the guard stops trials, no later one has more users than what passed below. The
// search ends, since each trial is one more of a bounded number, or leaves fewer users.
func TestUsersThatTheGuardStops(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	stopped := 0
	for range 20_000 {
		u := Users{From: 1 + random.IntN(20), Step: random.IntN(3) * random.IntN(20)}
		u.To = u.From + random.IntN(2000)
		chance, stops, bound := random.Float64(), random.Float64(), u.Most()
		var tried []Loaded
		for step := u.Next(tried); !step.Done; step = u.Next(tried) {
			if step.Users > u.To || step.Grow != nil && slices.Max(step.Grow) > u.To || len(tried) >= bound {
				t.Fatalf("%+v after %+v, of at most %d users", step, tried, u.To)
			}
			stop, last := random.Float64() < stops, Loaded{Users: step.Users, Passed: random.Float64() < chance}
			if step.Grow != nil {
				last = Loaded{Windows: []Window{}}
				for _, n := range step.Grow[:1+random.IntN(len(step.Grow))] {
					last.Windows = append(last.Windows, Window{Users: n, OK: 1000, Rate: float64(n), Broken: random.Float64() > chance})
				}
			}
			most := 0
			for _, t := range append(slices.Clone(tried), last) {
				if t.holds() && t.Users < step.Users {
					most = max(most, t.Users)
				}
				for _, w := range t.Windows {
					if !w.Broken && (step.Grow != nil || w.Users < step.Users) {
						most = max(most, w.Users)
					}
				}
			}
			if !stop || step.Grow != nil {
				tried = append(tried, last)
			}
			if !stop {
				continue
			}
			if most < u.From {
				break
			}
			if stopped++; step.Grow == nil && most >= u.To {
				t.Fatalf("%d users are left of %d: %+v", most, u.To, tried)
			}
			u.To = most
		}
	}
	if stopped < 10_000 {
		t.Errorf("%d trials were stopped", stopped)
	}
}

// A service whose result varies over many users has a band.
func TestUsersOfASlope(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	bands, trials := 0, 0
	const n = 400
	for range n {
		middle, width := 100+random.Float64()*400, 0.05+0.1*random.Float64()
		passes := func(users int) bool {
			return random.Float64() < 1/(1+math.Exp((float64(users)-middle)/(width*middle)))
		}
		s := userService{name: "slope", passes: passes, window: passes, rate: func(users int) float64 { return float64(users) }}
		u := Users{From: 1, To: 1000}
		tried, _ := s.play(t, u)
		a := u.Answer(tried)
		if a.Mixed > 0 {
			bands++
			if a.Mixed < a.Failed || a.Held >= a.Failed {
				t.Errorf("%+v", a)
			}
		}
		trials += len(tried)
	}
	t.Logf("%d of %d slopes have a band, %.2f trials", bands, n, float64(trials)/n)
	if bands < n/4 {
		t.Error("few of them")
	}
}

func TestUsersNext(t *testing.T) {
	u := Users{From: 1, To: 1000}
	grew := func(windows ...Window) Loaded { return Loaded{Windows: windows} }
	held := func(users int) Window { return Window{Users: users, OK: 1000, Rate: float64(users)} }
	flat := func(users int) Window { return Window{Users: users, OK: 1000, Rate: 40} }
	broke := func(users int) Window { return Window{Users: users, OK: 1000, Rate: 40, Broken: true} }
	late := func(users int) Window { return Window{Users: users, OK: 1000, Rate: float64(users), Broken: true} }
	pass := func(users int) Loaded { return Loaded{Users: users, Passed: true} }
	fail := func(users int) Loaded { return Loaded{Users: users} }
	narrow := func(more ...Loaded) []Loaded { // where two loads that grew leave 70 to 77
		return append([]Loaded{grew(held(32), held(64), broke(128)), grew(held(64), held(70), broke(77))}, more...)
	}
	saturated := func(more ...Loaded) []Loaded { // the knee is at 128 users
		return append([]Loaded{grew(flat(64), flat(128)), grew(flat(128), flat(256))}, more...)
	}
	contest := func(more ...Loaded) []Loaded { // one load held 80 users, the next one did not
		return append([]Loaded{grew(held(40), held(80), broke(160)), grew(broke(80))}, more...)
	}
	asked := func(users int) Users { return Users{From: 1, To: 1000, Least: users} }
	for name, c := range map[string]struct {
		u     Users
		tried []Loaded
		want  string
	}{
		"begins with a load that doubles": {u, nil, "grow [1 2 4 8 16 32 64 128 256 512 1000]"},
		"one number of users":             {Users{From: 5, To: 5}, nil, "5 users"},
		"narrows a bracket":               {u, []Loaded{grew(held(32), held(64), broke(128))}, "grow [32 64 70 77 84 92 100 110 121]"},
		"a bracket of few steps":          {u, []Loaded{grew(held(2), held(4), broke(8))}, "6 users"},
		"a bracket of one more":           {u, []Loaded{grew(held(2), held(5), broke(10))}, "grow [2 5 6 7 8 9]"},
		"at most eight steps at once": {Users{From: 1, To: 1000, Step: 1}, []Loaded{grew(held(32), held(64), broke(128))},
			"grow [32 64 70 77 84 92 100 108 116 124]"},
		"beyond the knee by a tenth": {u, []Loaded{grew(flat(64), flat(128))},
			"grow [64 128 140 154 169 185 203 223 245 256]"},
		"the middle of a bracket": {u,
			[]Loaded{grew(held(64), broke(128)), grew(held(64), held(70), broke(77))}, "73 users"},
		"then its end":               {u, narrow(pass(73)), "77 users"},
		"its other end":              {u, narrow(fail(73)), "70 users"},
		"then halves it":             {u, narrow(pass(73), fail(77)), "75 users"},
		"then halves the other half": {u, narrow(fail(73), pass(70)), "71 users"},
		"an end that is far":         {Users{From: 1, To: 1000, Step: 1}, []Loaded{grew(held(64), broke(128)), grew(held(64)), pass(96)}, "112 users"},
		"the other end is far":       {Users{From: 1, To: 1000, Step: 1}, []Loaded{grew(held(64), broke(128)), grew(held(64)), fail(96)}, "80 users"},
		"the users above": {u,
			[]Loaded{grew(held(64), broke(128)), grew(held(64), held(70), broke(77)), pass(76)}, "77 users"},
		"the users below": {u,
			[]Loaded{grew(held(64), broke(128)), grew(held(64), held(70), broke(77)), fail(71)}, "70 users"},
		"done": {u,
			[]Loaded{grew(held(64), broke(128)), grew(held(64), held(70), broke(77)), pass(75), fail(76)}, "done"},
		"all hold":                    {u, []Loaded{grew(held(512), held(1000))}, "1000 users"},
		"all held":                    {u, []Loaded{grew(held(512), held(1000)), pass(1000)}, "done"},
		"saturated":                   {u, saturated(), "256 users"},
		"those asked for are between": {Users{From: 1, To: 1000, Step: 4, Least: 72}, narrow(pass(70), fail(74)), "72 users"},
		"those asked for are below":   {Users{From: 1, To: 1000, Step: 4, Least: 70}, narrow(pass(70), fail(74)), "done"},
		"those asked for are above":   {Users{From: 1, To: 1000, Step: 4, Least: 74}, narrow(pass(70), fail(74)), "done"},
		"saturated, proven": {u,
			saturated(pass(256)), "done"},
		"beyond the knee, to those asked for": {asked(400), []Loaded{grew(flat(64), flat(128))},
			"grow [64 128 140 154 169 185 203 223 245 269 295 324 356 391 400]"},
		"to all that are allowed": {Users{From: 1, To: 270, Least: 400}, []Loaded{grew(flat(64), flat(128))},
			"grow [64 128 140 154 169 185 203 223 245 269 270]"},
		"as many as twice the knee are asked for": {asked(256), []Loaded{grew(flat(64), flat(128))},
			"grow [64 128 140 154 169 185 203 223 245 256]"},
		"eight steps at once, from twice the knee on a tenth": {Users{From: 1, To: 1000, Step: 1, Least: 320}, []Loaded{grew(flat(64), flat(128))},
			"grow [64 128 136 144 152 160 168 176 184 192 200 208 216 224 232 240 248 256 281 309 320]"},
		"a low knee":                              {u, []Loaded{grew(flat(1), flat(2))}, "2 users"},
		"a low knee, more are asked for":          {asked(7), []Loaded{grew(flat(1), flat(2))}, "grow [1 2 3 4 5 6 7]"},
		"a low knee, few are asked for":           {asked(6), []Loaded{grew(flat(1), flat(2))}, "2 users"},
		"stopped before its first window":         {u, []Loaded{{Windows: []Window{}}}, "1 users"},
		"the second one stopped before its first": {Users{From: 1, To: 128}, []Loaded{grew(held(64), held(128), broke(256)), {Windows: []Window{}}}, "128 users"},
		"no knee, and more asked for":             {asked(300), []Loaded{grew(held(64), held(128))}, "128 users"},
		"saturated, one more is asked for":        {asked(257), saturated(pass(256)), "261 users"},
		"asked for more than allowed":             {asked(2000), saturated(pass(256)), "261 users"},
		"saturated, by a tenth":                   {Users{From: 1, To: 1000, Step: 40, Least: 2000}, saturated(pass(256)), "281 users"},
		"saturated, few more allowed":             {Users{From: 1, To: 260, Least: 2000}, saturated(pass(256)), "260 users"},
		"from the knee on a tenth":                {Users{From: 1, To: 1000, Step: 40}, []Loaded{grew(flat(64), flat(128)), pass(128)}, "140 users"},
		"at a low knee one more":                  {Users{From: 1, To: 1000, Step: 40}, []Loaded{grew(flat(1), flat(2)), pass(2)}, "3 users"},
		"saturated, no more asked for":            {asked(256), saturated(pass(256)), "done"},
		"those asked for are held":                {asked(300), saturated(pass(256), pass(300)), "done"},
		"those asked for failed":                  {asked(300), saturated(pass(256), fail(300)), "278 users"},
		"asked for, and not saturated":            {asked(300), []Loaded{grew(broke(1)), grew(broke(1)), pass(1)}, "2 users"},
		"asked for, not twice the knee":           {asked(300), []Loaded{grew(flat(64), flat(128)), pass(128)}, "130 users"},
		"the first window broke":                  {u, []Loaded{grew(broke(1))}, "1 users"},
		"nothing is held":                         {u, []Loaded{grew(broke(1)), fail(1)}, "done"},
		"a window that erred":                     {Users{From: 1, To: 20}, []Loaded{grew(broke(1)), pass(1)}, "grow [1 2 4 8 16 20]"},
		"one that erred further up":               {Users{From: 1, To: 20}, []Loaded{grew(held(1), broke(2)), pass(1), pass(2)}, "grow [1 2 4 8 16 20]"},
		"one that erred, and half are too few":    {Users{From: 2, To: 20}, []Loaded{grew(broke(2)), pass(2)}, "grow [2 4 8 16 20]"},
		"one that erred, and a trial failed":      {Users{From: 1, To: 20}, []Loaded{grew(broke(2)), pass(2), fail(9)}, "3 users"},
		"one that erred, and no more are allowed": {Users{From: 2, To: 2}, []Loaded{grew(broke(2)), pass(2)}, "2 users"},
		"windows that erred":                      {u, []Loaded{grew(broke(1)), grew(broke(1)), pass(1)}, "2 users"},
		"the fewest users broke":                  {Users{From: 8, To: 1000}, []Loaded{grew(broke(8))}, "8 users"},
		"the most users broke":                    {Users{From: 1, To: 77}, narrow(), "73 users"},
		"no more than twice what passed":          {Users{From: 1, To: 1000, Step: 20}, []Loaded{grew(broke(1)), grew(broke(1)), pass(1)}, "2 users"},
		// A tenth away, then twice as far each time.
		"a window erred below":                      {u, narrow(fail(71), fail(70)), "63 users"},
		"windows erred further below":               {u, narrow(fail(71), fail(70), fail(63)), "51 users"},
		"windows erred below the fewest":            {Users{From: 60, To: 1000}, narrow(fail(71), fail(70), fail(63)), "60 users"},
		"a window erred above":                      {u, narrow(pass(76), pass(77)), "84 users"},
		"windows erred further above":               {u, []Loaded{grew(late(70)), grew(late(70)), pass(70), pass(77)}, "91 users"},
		"windows erred beyond the knee":             {u, narrow(pass(76), pass(77), pass(84)), "92 users"},
		"windows erred above the most":              {Users{From: 1, To: 90}, narrow(pass(76), pass(77), pass(84)), "90 users"},
		"windows erred above, and a failure":        {u, narrow(pass(77), fail(160)), "84 users"},
		"windows erred above, half of what is left": {u, narrow(pass(77), fail(86)), "81 users"},
		"windows that contradict each other":        {u, contest(), "80 users"},
		"the contested users pass":                  {u, contest(pass(80)), "120 users"},
		"the contested users fail":                  {u, contest(fail(80)), "60 users"},
		"contested below what failed":               {u, contest(fail(90)), "80 users"},
		"contested, and the fewest":                 {Users{From: 80, To: 1000}, []Loaded{grew(held(80), broke(160)), grew(broke(80))}, "80 users"},
		"contradicted above":                        {u, []Loaded{grew(held(4), broke(8)), pass(8), fail(9)}, "8 users"},
		"contradicted at the failure":               {u, []Loaded{grew(held(4), broke(8)), fail(4), pass(3)}, "3 users"},
		"contradicted by a trial":                   {u, []Loaded{grew(held(4), broke(8)), fail(5), pass(6), pass(4)}, "done"},
		"contradicted, one repeat": {u,
			[]Loaded{grew(held(4), broke(8)), pass(12), pass(12), pass(13), fail(14)}, "13 users"},
		"contradicted, two repeats": {u,
			[]Loaded{grew(held(4), broke(8)), pass(12), pass(12), pass(13), pass(13), fail(14)}, "done"},
		"windows that held too many": {u, []Loaded{grew(held(233), held(256), broke(281)), fail(256)}, "231 users"},
		"too many, twice":            {u, []Loaded{grew(held(233), held(256), broke(281)), fail(256), fail(231)}, "185 users"},
		// Windows erred, so that both ends of a bracket of a tenth are repeated before it is halved.
		"too many, and some held": {u,
			[]Loaded{grew(held(233), held(256), broke(281)), pass(220), fail(244)}, "220 users"},
		"too many, with a coarse step": {Users{From: 1, To: 1000, Growth: 0.05},
			[]Loaded{grew(held(233), held(256), broke(281)), pass(220), fail(244)}, "232 users"},
		"too many, with a step that is nearly coarse": {Users{From: 1, To: 1000, Growth: 0.049},
			[]Loaded{grew(held(233), held(256), broke(281)), pass(220), fail(244)}, "220 users"},
		"too many, and some held again": {u,
			[]Loaded{grew(held(233), held(256), broke(281)), pass(220), fail(244), pass(220)}, "244 users"},
		"too many, and both ends stay": {u,
			[]Loaded{grew(held(233), held(256), broke(281)), pass(220), fail(244), pass(220), fail(244)}, "232 users"},
		"too many, and the bracket is wide": {u,
			[]Loaded{grew(held(233), held(256), broke(281)), pass(200), fail(244)}, "222 users"},
		// Trials that contradict each other: a proof of a tenth is enough.
		"the lower end fails":           {u, []Loaded{grew(held(233), broke(281)), pass(220), fail(233), fail(220)}, "198 users"},
		"the lower end fails, far up":   {u, []Loaded{grew(held(233), broke(281)), pass(220), fail(233), fail(220), pass(150)}, "198 users"},
		"the lower end fails, half up":  {u, []Loaded{grew(held(233), broke(281)), pass(220), fail(233), fail(220), pass(190)}, "205 users"},
		"a tenth below holds":           {u, []Loaded{grew(held(233), broke(281)), pass(220), fail(233), fail(220), pass(198)}, "done"},
		"the upper end passes":          {u, []Loaded{grew(held(233), broke(281)), pass(220), fail(233), pass(220), pass(233)}, "done"},
		"one of two that failed passes": {u, []Loaded{grew(held(233), broke(281)), pass(200), fail(233), pass(233)}, "216 users"},
		"the fewest fail":               {Users{From: 210, To: 1000}, []Loaded{grew(held(233), broke(281)), fail(233), pass(220), fail(210)}, "210 users"},
		"the fewest fail again":         {Users{From: 210, To: 1000}, []Loaded{grew(held(233), broke(281)), fail(233), pass(220), fail(210), fail(210)}, "done"},
		"the fewest failed, and other trials contradict it": {Users{From: 210, To: 1000},
			[]Loaded{grew(held(233), broke(281)), fail(233), fail(210)}, "210 users"},
		"too many, and the bracket is very wide": {u,
			[]Loaded{grew(held(233), held(256), broke(281)), pass(100), fail(244)}, "220 users"},
		"of one and two users":               {u, []Loaded{grew(held(1), broke(4)), grew(held(1)), pass(1), fail(2), pass(2)}, "done"},
		"contradicted above what is allowed": {Users{From: 1, To: 100}, []Loaded{grew(held(64), held(100)), pass(90), fail(103), pass(105)}, "100 users"},
		"too many, and few are left": {Users{From: 236, To: 1000},
			[]Loaded{grew(held(240), held(256), broke(281)), fail(256), fail(252), fail(246)}, "236 users"},
		"contradicted below": {u,
			[]Loaded{grew(held(4), broke(8)), fail(6), fail(5), fail(4), fail(3), fail(2), pass(1)}, "1 users"},
		"a failure above what is tried": {Users{From: 1, To: 102}, []Loaded{grew(held(64), held(100)), pass(100), fail(103)}, "102 users"},
		"a failure, no more is tried":   {Users{From: 1, To: 100}, []Loaded{grew(held(64), held(100)), pass(100), fail(103)}, "done"},
		"a failure at the most":         {Users{From: 1, To: 103}, []Loaded{grew(held(64), held(100)), pass(100), fail(103)}, "101 users"},
		"a window above what is tried":  {Users{From: 1, To: 159}, []Loaded{grew(held(140), held(160)), fail(160)}, "140 users"},
		"a window at the most":          {Users{From: 1, To: 160}, []Loaded{grew(held(140), held(160)), fail(160)}, "144 users"},
		"a load grows no further":       {Users{From: 1, To: 64}, []Loaded{grew(held(32), held(64), broke(128))}, "64 users"},
		"contradicted above what is tried": {Users{From: 1, To: 171},
			[]Loaded{grew(broke(169)), pass(172), fail(175)}, "done"},
		"contradicted at the most": {Users{From: 1, To: 172},
			[]Loaded{grew(broke(169)), pass(172), fail(175)}, "172 users"},
		"contradicted, the failure above what is tried": {Users{From: 1, To: 174},
			[]Loaded{grew(broke(169)), pass(174), pass(174), fail(175)}, "done"},
		"contradicted, the failure at the most": {Users{From: 1, To: 175},
			[]Loaded{grew(broke(169)), pass(174), pass(174), fail(175)}, "175 users"},
		"contradicted, confirmed": {u,
			[]Loaded{grew(held(4), broke(8)), fail(6), fail(5), fail(4), fail(3), fail(2), pass(1), pass(1), fail(2)}, "done"},
	} {
		step := c.u.Next(c.tried)
		got := fmt.Sprintf("%d users", step.Users)
		switch {
		case step.Done:
			got = "done"
		case step.Grow != nil:
			got = fmt.Sprint("grow ", step.Grow)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if (step.Why == "") != step.Done {
			t.Errorf("%s: %q", name, step.Why)
		}
	}
}

// A service that passes by chance ends a search all the same.
func TestTheMostTrialsOfUsers(t *testing.T) {
	for u, most := range map[Users]int{
		{From: 1, To: 1000}: 28, {From: 1, To: 1024}: 28, {From: 8, To: 64}: 21, {From: 5, To: 5}: 18,
	} {
		if got := u.Most(); got != most {
			t.Errorf("%+v: %d, want %d", u, got, most)
		}
	}
	u := Users{From: 1, To: 1000}
	for n, done := range map[int]bool{27: false, 28: true} {
		if step := u.Next(slices.Repeat([]Loaded{{Users: 1, Passed: true}}, n)); step.Done != done {
			t.Errorf("after %d trials: %+v", n, step)
		}
	}
	if growing, full := UsersExpected(); growing != 2 || full != 3 {
		t.Errorf("expected are %d loads that grow and %d trials in full", growing, full)
	}
}

func TestTheLoadsThatMayGrow(t *testing.T) {
	for u, want := range map[Users]string{
		{From: 5, To: 5}:              "[] []",
		{From: 1, To: 5}:              "[1 2 4 5] [[1 2 4 5] [1 2] [1 2 3 4] [1 2 4 5] [1 2 3 4] [2 4 5] [2 4 5] [2 4 5] [2 5] [2 5]]",
		{From: 1, To: 5, Least: 9}:    "[1 2 4 5] [[1 2 4 5] [1 2] [1 2 3 4 5] [1 2 4 5] [1 2 3 4] [2 4 5] [2 4 5] [2 4 5] [2 5] [2 5]]",
		{From: 100, To: 130, Step: 1}: "[100 130] [[100 130] [100 108 116 124 130] [130] [130]]",
		{From: 40, To: 100, Step: 1}:  "[40 80 100] [[40 80 100] [40 44 48 52 57 62 68 74 80] [40 80 88 96 100] [40 80 100] [40 80 88 96 100] [50 100] [50 100]]",
	} {
		if first, second := u.Growths(); fmt.Sprint(first, second) != want {
			t.Errorf("%+v: %v %v, want %s", u, first, second, want)
		}
	}
}

func TestStops(t *testing.T) {
	w := func(users int, rate float64, broken bool) Window {
		return Window{Users: users, OK: 1000, Rate: rate, Broken: broken}
	}
	for name, c := range map[string]struct {
		targets []int
		windows []Window
		want    bool
	}{
		"nothing yet":           {[]int{1, 2}, nil, false},
		"held":                  {[]int{1, 2, 4}, []Window{w(1, 1, false), w(2, 2, false)}, false},
		"broken":                {[]int{1, 2, 4}, []Window{w(1, 1, false), w(2, 2, true)}, true},
		"the knee":              {[]int{64, 128, 256}, []Window{w(64, 100, false), w(128, 104.9, false)}, true},
		"before the knee":       {[]int{64, 128, 256}, []Window{w(64, 100, false), w(128, 105, false)}, false},
		"beyond it by a tenth":  {[]int{64, 128, 140}, []Window{w(64, 100, false), w(128, 100, false)}, false},
		"few responses":         {[]int{1, 2, 4}, []Window{{Users: 1, OK: 99, Rate: 1}, {Users: 2, OK: 99, Rate: 1}}, false},
		"enough responses":      {[]int{1, 2, 4}, []Window{{Users: 1, OK: 100, Rate: 1}, {Users: 2, OK: 100, Rate: 1}}, true},
		"the last of them":      {[]int{1, 2}, []Window{w(1, 1, false), w(2, 2, true)}, false},
		"small loads grow by 1": {[]int{1, 2, 3}, []Window{w(1, 100, false), w(2, 100, false)}, false},
	} {
		if got := Stops(c.targets, c.windows); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
