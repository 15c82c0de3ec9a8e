package truth

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"plan/engine"
	"plan/internal/exchange"
)

// drawLoad draws a random load.
func drawLoad(random *rand.Rand) engine.Load {
	load := engine.Load{
		Users:   1 + int(200*random.Float64()*random.Float64()),
		Runtime: time.Second + time.Duration(random.Int64N(int64(time.Second)))/2,
		Seed:    random.Uint64(), Threads: random.IntN(4),
	}
	for i := range 1 + random.IntN(5) {
		load.Requests = append(load.Requests, drawRequest(random, i))
	}
	if random.IntN(3) == 0 {
		first := drawRequest(random, 0)
		first.Name, first.Path = "first", "/first"
		load.OnStart = append(load.OnStart, first)
	}
	switch random.IntN(3) {
	case 0:
		load.SpawnRate = float64(load.Users) * (1 + 9*random.Float64())
	case 1:
		load.WarmUp = load.Runtime / 3
	}
	pause := time.Duration(1+random.IntN(50)) * time.Millisecond
	switch random.IntN(7) {
	case 0:
	case 1:
		load.ThinkTime = engine.ThinkTime{Kind: "fixed", Min: pause}
	case 2:
		load.ThinkTime = engine.ThinkTime{Kind: "exponential", Min: pause}
	case 3:
		load.SpawnRate, load.Stages = 0, drawStages(random, load, func(s *engine.Stage) { s.Users = 1 + random.IntN(load.Users) })
	case 4:
		load.SpawnRate, load.Stages = 0, drawStages(random, load, func(s *engine.Stage) { s.Rate = 1000 * random.Float64() })
	default:
		load.SpawnRate, load.ArrivalRate, load.Poisson = 0, 50+950*random.Float64(), random.IntN(2) == 0
	}
	return load
}

// drawStages draws rising and falling load stages.
func drawStages(random *rand.Rand, load engine.Load, target func(*engine.Stage)) []engine.Stage {
	stages := make([]engine.Stage, 2+random.IntN(3))
	for i := range stages {
		stages[i].Over = load.Runtime / time.Duration(1+random.IntN(2*len(stages)))
		if i == 0 && random.IntN(2) == 0 {
			stages[i].Over = 0
		}
		target(&stages[i])
	}
	for i := range stages { // in total at most the runtime
		stages[i].Over /= time.Duration(len(stages))
	}
	return stages
}

// timeout is the timeout of all requests: nothing takes that long except on
// purpose.
const timeout = 420 * time.Millisecond

func drawRequest(random *rand.Rand, i int) exchange.Request {
	r := exchange.Request{Name: fmt.Sprint("r", i), Path: fmt.Sprint("/r", i), Weight: float64(random.IntN(4)), Timeout: timeout}
	switch random.IntN(6) {
	case 0:
		r.Method = http.MethodHead
	case 1, 2:
		r.Method, r.Body, r.Replay = http.MethodPost, body(1+random.IntN(100_000)), random.IntN(2) == 0
	case 3:
		r.Method, r.Body, r.Replay = http.MethodPost, body(random.IntN(100)), random.IntN(2) == 0
	}
	if i == 0 {
		r.Weight++
	}
	if random.IntN(4) == 0 {
		r.Status = []int{200, 404, 302}[:1+random.IntN(3)]
	}
	if random.IntN(4) == 0 && r.Method != http.MethodHead {
		r.Checks = []exchange.Check{{Text: []string{filling, unwritten}[random.IntN(2)], Not: random.IntN(2) == 0}}
	}
	return r
}

// drawOrders draws most of the referee's deeds, mainly responses.
func drawOrders(random *rand.Rand) orders {
	o := orders{
		Seed: random.Uint64(), Listeners: 1 + random.IntN(3), Timeout: timeout,
		Least: time.Millisecond, Most: 60 * time.Millisecond,
		Deeds: map[deed]float64{answers: 2 + 10*random.Float64()}, Withholds: random.IntN(2) == 0,
	}
	for _, d := range deeds {
		if random.IntN(3) > 0 {
			o.Deeds[d] += random.Float64()
		}
	}
	o.Deeds[never] /= 10 // it occupies a user for long
	if random.IntN(2) == 0 {
		o.Idle = random.Float64()
	}
	return o
}

func describe(load engine.Load, o orders) string {
	model := fmt.Sprintf("closed, think time %s %v", load.ThinkTime.Kind, load.ThinkTime.Min)
	switch {
	case load.ArrivalRate > 0:
		model = fmt.Sprintf("open, %.0f/s, Poisson %v", load.ArrivalRate, load.Poisson)
	case len(load.Stages) > 0:
		model = fmt.Sprintf("stages %+v", load.Stages)
	}
	return fmt.Sprintf("%s, %d users on %d threads, %v, %d requests, %d before them, %d addresses, %d deeds, idle %.1f, withholds %v",
		model, load.Users, load.Threads, load.Runtime, len(load.Requests), len(load.OnStart), o.Listeners, len(o.Deeds), o.Idle, o.Withholds)
}
