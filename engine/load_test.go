package engine

import (
	"math"
	"testing"
	"time"

	"plan/internal/exchange"
)

// The time of most stages below.
const tens = 10 * time.Second

func TestModels(t *testing.T) {
	for name, c := range map[string]struct {
		load         Load
		open, spawns bool
		most         float64
	}{
		"users at once":        {Load{Users: 9}, false, true, 0},
		"users at a rate":      {Load{Users: 9, SpawnRate: 2}, false, true, 0},
		"stages of users":      {Load{Users: 9, Stages: []Stage{{Users: 9}}}, false, false, 0},
		"arrivals":             {Load{Users: 9, ArrivalRate: 0.5}, true, false, 0.5},
		"stages of a rate":     {Load{Users: 9, Stages: []Stage{{Rate: 5}, {Rate: 20}, {Rate: 7}}}, true, false, 20},
		"a rate that begins":   {Load{Users: 9, Stages: []Stage{{Over: tens}, {Rate: 3}}}, true, false, 3},
		"a rate that runs out": {Load{Users: 9, Stages: []Stage{{Rate: 3}, {Over: tens}}}, true, false, 3},
	} {
		if c.load.Open() != c.open || c.load.Spawns() != c.spawns || c.load.MostArrivals() != c.most {
			t.Errorf("%s: open %v, spawns %v, %v arrivals per second", name, c.load.Open(), c.load.Spawns(), c.load.MostArrivals())
		}
	}
}

func TestTheLastRise(t *testing.T) {
	for name, c := range map[string]struct {
		load  Load
		want  time.Duration
		falls bool // the last target is not the highest
	}{
		"users at a rate":      {Load{Users: 9, SpawnRate: 2}, 0, false},
		"arrivals":             {Load{ArrivalRate: 5}, 0, false},
		"a jump at the start":  {Load{Stages: []Stage{{Users: 9}, {Users: 9, Over: tens}}}, 0, false},
		"a rise":               {Load{Stages: []Stage{{Users: 9, Over: tens}}}, tens, false},
		"a rise, then none":    {Load{Stages: []Stage{{Rate: 9, Over: tens}, {Rate: 9, Over: tens}}}, tens, false},
		"a fall after it":      {Load{Stages: []Stage{{Users: 9, Over: tens}, {Users: 3, Over: tens}}}, tens, true},
		"a jump later":         {Load{Stages: []Stage{{Users: 3, Over: tens}, {Users: 3, Over: tens}, {Users: 4}}}, 2 * tens, false},
		"a lower second rise":  {Load{Stages: []Stage{{Users: 9, Over: tens}, {Users: 1, Over: tens}, {Users: 5, Over: tens}}}, 3 * tens, true},
		"nothing ever happens": {Load{Stages: []Stage{{Over: tens}}}, 0, false},
	} {
		if got := c.load.RisesUntil(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if c.load.EndsHighest() == c.falls {
			t.Errorf("%s: falls %v", name, c.falls)
		}
	}
}

// requestsOf returns requests with these timeouts.
func requestsOf(timeouts ...time.Duration) (requests []exchange.Request) {
	for _, timeout := range timeouts {
		requests = append(requests, exchange.Request{Timeout: timeout})
	}
	return requests
}

func TestCapFollowsTheLongestTimeout(t *testing.T) {
	for _, c := range []struct {
		load Load
		want int
	}{
		{Load{ArrivalRate: 50, Requests: requestsOf(time.Second, 3*time.Second, 2*time.Second)}, 150},
		{Load{ArrivalRate: 50, Requests: requestsOf(0)}, 500}, // the default timeout
		{Load{ArrivalRate: 50, Requests: requestsOf(time.Second), OnStart: requestsOf(time.Minute)}, 50},
		{Load{ArrivalRate: 33.4, Requests: requestsOf(time.Second)}, 34},
		{Load{ArrivalRate: 1, Requests: requestsOf(time.Second)}, 10},
		{Load{ArrivalRate: 10, Requests: requestsOf(time.Second)}, 10},
		{Load{ArrivalRate: 11, Requests: requestsOf(time.Second)}, 11},
		{Load{ArrivalRate: 9_999, Requests: requestsOf(time.Second)}, 9_999},
		{Load{ArrivalRate: 10_001, Requests: requestsOf(time.Second)}, 10_000},
		{Load{ArrivalRate: maxRate, Requests: requestsOf(time.Hour)}, 10_000},
		{Load{Stages: []Stage{{Rate: 5}, {Rate: 20}, {}}, Requests: requestsOf(time.Second)}, 20},
	} {
		if got := c.load.Cap(); got != c.want {
			t.Errorf("%+v: got %d, want %d", c.load, got, c.want)
		}
	}
}

func TestUsersThatALoadNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		load Load
		want int
	}{
		"users":           {Load{Users: 7}, 7},
		"nothing":         {Load{}, 0},
		"stages of users": {Load{Users: 50, Stages: []Stage{{Users: 5}, {Users: 20}, {Users: 0}}}, 20},
		"arrivals":        {Load{Users: 7, ArrivalRate: 30, Requests: requestsOf(time.Second)}, 30},
		"stages of rates": {Load{Users: 7, Stages: []Stage{{}, {Rate: 40}}, Requests: requestsOf(time.Second)}, 40},
	} {
		if got := c.load.NeededUsers(); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

func TestFilesThatALoadNeeds(t *testing.T) {
	for users, want := range map[int]int{-1: 99, 0: 100, 1: 101, 10_000: 10_100, math.MaxInt - 100: math.MaxInt, math.MaxInt - 99: math.MaxInt, math.MaxInt: math.MaxInt} {
		if got := (Load{Users: users}).NeededFiles(); got != want {
			t.Errorf("%d users: got %d, want %d", users, got, want)
		}
	}
}

func TestTimesOfALoad(t *testing.T) {
	for name, c := range map[string]struct {
		load              Load
		take, rise, judge time.Duration
	}{
		"users at once":         {Load{Users: 100}, 0, 0, 0},
		"no user yet":           {Load{SpawnRate: 10}, 0, 0, 0},
		"one user":              {Load{Users: 1, SpawnRate: 10}, 0, 0, 0},
		"users at a rate":       {Load{Users: 100, SpawnRate: 10}, 0, 9900 * time.Millisecond, 9900 * time.Millisecond},
		"to a nanosecond":       {Load{Users: 3, SpawnRate: 0.3}, 0, 6666666667, 6666666667},
		"with a warm-up":        {Load{Users: 11, SpawnRate: 1, WarmUp: 5 * time.Second}, 0, tens, 15 * time.Second},
		"at once, warm-up":      {Load{Users: 11, WarmUp: 5 * time.Second}, 0, 0, 5 * time.Second},
		"arrivals":              {Load{Users: 11, SpawnRate: 1, ArrivalRate: 3}, 0, 0, 0},
		"arrivals, warm-up":     {Load{Users: 11, ArrivalRate: 3, WarmUp: tens}, 0, 0, tens},
		"up and down":           {Load{Users: 9, SpawnRate: 1, Stages: []Stage{{Users: 2, Over: tens}, {Users: 9, Over: tens}, {Users: 3, Over: tens}}}, 3 * tens, 2 * tens, 0},
		"up and down, warm-up":  {Load{Users: 9, WarmUp: tens, Stages: []Stage{{Users: 9, Over: 2 * tens}, {Users: 3, Over: tens}}}, 3 * tens, 2 * tens, tens},
		"a plateau":             {Load{Users: 9, Stages: []Stage{{Rate: 5, Over: tens}, {Rate: 5, Over: tens}}}, 2 * tens, tens, 0},
		"twice as high":         {Load{Users: 9, Stages: []Stage{{Rate: 5, Over: tens}, {Over: tens}, {Rate: 5, Over: tens}}}, 3 * tens, tens, 0},
		"all from the start on": {Load{Users: 9, Stages: []Stage{{Users: 9}, {Users: 9, Over: tens}}}, tens, 0, 0},
		"nobody at all":         {Load{Users: 9, Stages: []Stage{{Over: tens}}}, tens, 0, 0},
		"never all":             {Load{Users: 2, SpawnRate: 1e-300, WarmUp: 1}, 0, never, never},
		"stages without end":    {Load{Users: 9, WarmUp: never, Stages: []Stage{{Users: 1, Over: never}, {Users: 9, Over: tens}}}, never, never, never},
	} {
		if take, rise, judge := c.load.StagesTake(), c.load.Rise(), c.load.JudgedFrom(); take != c.take || rise != c.rise || judge != c.judge {
			t.Errorf("%s: stages take %v, rises %v, judged from %v", name, take, rise, judge)
		}
	}
}

// The last user of a load starts at Rise.
func TestTheLastUserStartsAtTheHeight(t *testing.T) {
	for _, rate := range []float64{0, 0.3, 7, 199.9} {
		load, last := Load{Users: 50, SpawnRate: rate}, time.Duration(-1)
		for s := newSteps(&load); s.next(); {
			last = s.at
		}
		if got := load.Rise(); got != last {
			t.Errorf("%v/s: %v, the last user starts at %v", rate, got, last)
		}
	}
}

// Check refuses loads just outside of its bounds.
func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Load)
		want   string // "" means valid
	}{
		"as it is":              {func(*Load) {}, ""},
		"no user":               {func(l *Load) { l.Users = 0 }, "a load needs at least one user"},
		"a nanosecond":          {func(l *Load) { l.Runtime = 1 }, ""},
		"no runtime":            {func(l *Load) { l.Runtime = 0 }, "a load needs a runtime above 0"},
		"the highest rate":      {func(l *Load) { l.ArrivalRate = maxRate }, ""},
		"a higher rate":         {func(l *Load) { l.ArrivalRate = 2 * maxRate }, "the arrival rate must be from 0 to 1e+09 per second, not 2e+09"},
		"a negative rate":       {func(l *Load) { l.ArrivalRate = -1 }, "the arrival rate must be from 0 to 1e+09 per second, not -1"},
		"a rate of no number":   {func(l *Load) { l.ArrivalRate = math.NaN() }, "the arrival rate must be from 0 to 1e+09 per second, not NaN"},
		"a rate without end":    {func(l *Load) { l.ArrivalRate = math.Inf(1) }, "the arrival rate must be from 0 to 1e+09 per second, not +Inf"},
		"a stage of no number":  {func(l *Load) { l.Stages = []Stage{{Rate: math.NaN()}} }, "load stage 1: its rate must be from 0 to 1e+09 per second, not NaN"},
		"a stage of less":       {func(l *Load) { l.Stages = []Stage{{Rate: -1}} }, "load stage 1: its rate must be from 0 to 1e+09 per second, not -1"},
		"a negative warm-up":    {func(l *Load) { l.WarmUp = -1 }, "the warm-up must not be negative: -1ns"},
		"negative threads":      {func(l *Load) { l.Threads = -1 }, "the number of threads must not be negative: -1"},
		"an agent for each":     {func(l *Load) { l.Agents, l.Agent = 2, 1 }, ""},
		"too many agents":       {func(l *Load) { l.Agents = 3 }, "the number of agents must be from 1 to the 2 users, not 3"},
		"fewer than no agents":  {func(l *Load) { l.Agents = -1 }, "the number of agents must be from 1 to the 2 users, not -1"},
		"no such agent":         {func(l *Load) { l.Agents, l.Agent = 2, 2 }, "the number of the agent must be from 0 to 1, not 2"},
		"no agent":              {func(l *Load) { l.Agent = -1 }, "the number of the agent must be from 0 to 0, not -1"},
		"all users in a stage":  {func(l *Load) { l.Stages = []Stage{{Users: 2}} }, ""},
		"too many for a stage":  {func(l *Load) { l.Stages = []Stage{{Users: 1}, {Users: 3}} }, "load stage 2: its users must be from 0 to 2, not 3"},
		"fewer than no users":   {func(l *Load) { l.Stages = []Stage{{Users: -1}} }, "load stage 1: its users must be from 0 to 2, not -1"},
		"a negative time":       {func(l *Load) { l.Stages = []Stage{{Users: 1, Over: -1}} }, "load stage 1: its time must not be negative: -1ns"},
		"a stage's rate":        {func(l *Load) { l.Stages = []Stage{{Rate: math.Inf(1)}} }, "load stage 1: its rate must be from 0 to 1e+09 per second, not +Inf"},
		"from no rate on":       {func(l *Load) { l.Stages = []Stage{{Over: 1}, {Rate: 1}} }, ""},
		"nothing at all":        {func(l *Load) { l.Stages = []Stage{{Over: 1}} }, "the stages of a load need at least one target above 0"},
		"users and a rate":      {func(l *Load) { l.Stages = []Stage{{Users: 9}, {Rate: 1}} }, "a load cannot have stages of users and stages of a rate"},
		"stages and a rate":     {func(l *Load) { l.ArrivalRate, l.Stages = 1, []Stage{{Rate: 1}} }, "a load cannot have both stages and an arrival rate: write the rate as a stage"},
		"the same pause always": {func(l *Load) { l.ThinkTime = ThinkTime{Kind: "between", Min: 2, Max: 2} }, ""},
		"a reverse pause":       {func(l *Load) { l.ThinkTime = ThinkTime{Kind: "between", Min: 2, Max: 1} }, "the maximum think time 1ns is less than the minimum 2ns"},
		"an unknown pause":      {func(l *Load) { l.ThinkTime.Kind = "sometimes" }, `unknown kind of think time: "sometimes"`},
	} {
		load := Load{Users: 2, Runtime: time.Second}
		c.change(&load)
		got := ""
		if err := load.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestMostRequestsOfALoad(t *testing.T) {
	for name, c := range map[string]struct {
		load Load
		want float64
	}{
		"users that pause":        {Load{Users: 10, Runtime: 30 * time.Second, ThinkTime: ThinkTime{Kind: "fixed", Min: 2 * time.Second}}, 160},
		"between two pauses":      {Load{Users: 1, Runtime: 30 * time.Second, ThinkTime: ThinkTime{Kind: "between", Min: time.Second, Max: 3 * time.Second}}, 16},
		"without the warm-up":     {Load{Users: 1, Runtime: 30 * time.Second, WarmUp: 10 * time.Second, ThinkTime: ThinkTime{Kind: "exponential", Min: 2 * time.Second}}, 11},
		"users that do not pause": {Load{Users: 1, Runtime: 30 * time.Second}, math.Inf(1)},
		"arrivals":                {Load{Users: 10, Runtime: 30 * time.Second, ArrivalRate: 5}, 150},
		"nothing is judged":       {Load{Users: 10, Runtime: 30 * time.Second, WarmUp: time.Minute, ArrivalRate: 5}, 0},
	} {
		if got := c.load.MostRequests(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
