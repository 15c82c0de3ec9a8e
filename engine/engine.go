// Package engine puts a defined load on a target and measures it truthfully,
// its own lateness included.
//
// It knows nothing of plans, containers or models. A load is a value that says
// what it needs; Run carries it out and returns a Result. The core behind Run
// may be replaced without a change for callers.
package engine

import (
	"time"

	"plan/internal/exchange"
)

// Load is a closed or an open model. Closed: a number of virtual users, each
// sending a request, waiting for its answer, thinking, and starting again.
// Open: requests that begin on a schedule, whatever became of those before.
type Load struct {
	Users     int                `json:"users"`      // in the open model a cap
	SpawnRate float64            `json:"spawn_rate"` // users started per second; not used in the open model
	Runtime   time.Duration      `json:"runtime"`    // hard end, from the first user on
	ThinkTime ThinkTime          `json:"think_time"` // not used in the open model
	Requests  []exchange.Request `json:"requests"`   // chosen by weight
	Seed      uint64             `json:"seed"`
	// ArrivalRate, in requests per second, makes the model an open one. Each
	// request is made by a user that is free, over the connection that it
	// kept; without one it is dropped. Its latency counts from when it was to
	// begin.
	ArrivalRate float64 `json:"arrival_rate,omitempty"`
	Poisson     bool    `json:"poisson,omitempty"` // arrivals at random, not at even distances
	// Stages stand in the place of SpawnRate or ArrivalRate. They are all of
	// users, or all of a rate. Their sum may be less than the runtime: the last
	// target then holds on. Users is at least the most users of a stage.
	Stages []Stage `json:"stages,omitempty"`
	// WarmUp is left out of what is judged: it begins when all users are
	// active; with stages or arrivals, when the load begins.
	WarmUp time.Duration `json:"warm_up,omitempty"`
	// OnStart is what each user asks for, in order, before anything else; again
	// after its pause where one of them fails. It is not judged. In the open
	// model a user does so when it is first needed.
	OnStart []exchange.Request `json:"on_start,omitempty"`
	Feeds   []exchange.Feed    `json:"feeds,omitempty"`
	// Threads is how many event loops carry the load, at most one for each user
	// and for each CPU that the process may use. 0 is as many as that; in the
	// open model fewer, where a loop would have under 128 users, as it does not
	// know of users that are free in another one. net/http uses all CPUs.
	Threads int `json:"threads,omitempty"`
	// Insecure takes whatever certificate a server shows.
	Insecure bool `json:"insecure,omitempty"`
}

// Stage is a part of a load in which a target is approached evenly, from that
// of the stage before, at first from 0. After 0 time it is there at once.
type Stage struct {
	Users int           `json:"users,omitempty"`
	Rate  float64       `json:"rate,omitempty"` // per second
	Over  time.Duration `json:"over"`
}

// ThinkTime is the pause of a user between an answer and the next request.
type ThinkTime struct {
	Kind string        `json:"kind"` // "", fixed, between, exponential; "" does not pause
	Min  time.Duration `json:"min"`  // fixed: the pause; between: the least; exponential: the mean
	Max  time.Duration `json:"max"`  // between: the most
}

// Recorder is told of the load once a second while it runs.
type Recorder interface{ Record(Window) }

// Window is one second of a load.
type Window struct {
	Second   int         `json:"second"`   // since the first user, from 0
	Users    int         `json:"users"`    // active at its end
	Requests int64       `json:"requests"` // answered or failed in it
	OK       int64       `json:"ok"`
	Failed   int64       `json:"failed"`
	Waiting  *int        `json:"waiting"` // in flight at its end; nil where the generator cannot know it
	Latency  Percentiles `json:"latency_ok"`
}

// Counts are requests and what became of them. Requests = OK + Failed +
// InFlight; times in seconds. A nil pointer is what a generator cannot know,
// as other generators than this package's cannot know all of it.
type Counts struct {
	OnStart       bool                     `json:"on_start,omitempty"` // of a request that users begin with
	Requests      int64                    `json:"requests"`
	OK            int64                    `json:"ok"`
	Failed        int64                    `json:"failed"`
	InFlight      *int64                   `json:"in_flight_at_end"`
	Dropped       *int64                   `json:"dropped,omitempty"` // arrivals that found no free user, or nobody who came to them in time; not in Requests; nil in the closed model
	Retried       *int64                   `json:"retried"`
	Bytes         int64                    `json:"bytes"`
	Errors        map[exchange.Class]int64 `json:"errors"`
	LatencyOK     Percentiles              `json:"latency_ok"`
	LatencyFailed Percentiles              `json:"latency_failed"`
}

// Result is what a load showed.
type Result struct {
	Transport Transport         `json:"transport"` // which core ran, "epoll" or "net/http"
	Protocols []string          `json:"protocols"` // that answers came in: HTTP/1.1, HTTP/2
	Seconds   float64           `json:"seconds"`   // how long the load lasted
	Total     Counts            `json:"total"`
	ByRequest map[string]Counts `json:"by_request"`
	// Judged covers the requests that began once all users were active; its
	// latencies count an unanswered request with the time it has waited, where
	// that makes them longer: the end may have cut the wait short.
	Judged             Judged            `json:"judged"`
	JudgedByRequest    map[string]Judged `json:"judged_by_request,omitempty"` // the same of each request but those that users begin with, by its name
	UsersNeverAnswered *int              `json:"users_never_answered"`
	UsersOverdue       *int              `json:"users_overdue"` // never answered, and waiting longer than the timeout
	Rate               float64           `json:"rate"`          // requests per second, answered or failed
	Lateness           Percentiles       `json:"lateness"`      // actual less intended start of requests
	CPUSeconds         float64           `json:"cpu_seconds"`   // of this process, while it ran
	Threads            int               `json:"threads"`       // CPUs that it could use at the same time
	// Saturated says why the generator was the limit, so that the figures say
	// little of the service: nothing where it was not.
	Saturated   []Saturation              `json:"invalid,omitempty"`
	Hung        bool                      `json:"hung,omitempty"`     // it stopped answering: half of what was in flight at the end had waited for more than twice as long as any answer took, or, where answers came until the end, as any request that failed
	Ended       string                    `json:"ended,omitempty"`    // why before its runtime: a feed that was used up
	Connections int64                     `json:"connections"`        // opened
	PerAddress  map[string]int64          `json:"per_address"`        // requests sent
	Examples    map[exchange.Class]string `json:"examples,omitempty"` // one detail for each class
	Histograms  Histograms                `json:"histograms"`
	Series      []Window                  `json:"series"`
}

// Saturation is one way in which the generator was the limit.
type Saturation struct {
	Kind SaturationKind `json:"kind"`
	Text string         `json:"text"` // for people, with the figures
}

// Transport is how a load was carried out; "" where it is not known.
type Transport string

// The transports.
const (
	Epoll   Transport = "epoll"
	NetHTTP Transport = "net/http"
)

// SaturationKind is a way in which a generator is the limit.
type SaturationKind string

// The kinds of limits. Of a rate that was not reached a failure is still one,
// as more load would have done no better.
const (
	SaturationCPU      SaturationKind = "cpu"      // above 80 % of what it may use
	SaturationLateness SaturationKind = "lateness" // p99 of what is judged above 5 % of its p99 latency, and above 1 ms
	SaturationRate     SaturationKind = "rate"     // less than intended: under 98 % of the arrivals sent; of Locust, too few users, or some whose end it does not know
	SaturationSockets  SaturationKind = "sockets"  // this side could not open some
)

// Histograms in HdrHistogram's V2 compressed format, base64, microseconds.
type Histograms struct {
	OK       string `json:"ok"`
	Failed   string `json:"failed"`
	Judged   string `json:"judged"` // OK answers
	Waits    string `json:"waits"`  // how long what is judged and in flight at the end had waited
	Lateness string `json:"lateness"`
	// ByRequest has the latencies of each, by its name.
	ByRequest map[string]Latencies `json:"by_request,omitempty"`
}

// Latencies are histograms of one request's.
type Latencies struct {
	OK     string `json:"ok"`
	Failed string `json:"failed"`
}
