// Package engine sends a load to endpoints and measures it, its own lateness
// included.
//
// It knows nothing of plans, containers or models. Load describes the load; Run
// executes it and returns a Result. Callers see only these values, so that the
// implementation behind Run can change.
package engine

import (
	"fmt"
	"strings"
	"time"

	"plan/internal/exchange"
)

// Load is a load in the closed or the open model. Closed: a number of virtual
// users, each of which sends a request, waits for the response, pauses, and
// starts again. Open: requests start on a schedule, independent of earlier
// responses.
type Load struct {
	Users     int                `json:"users"`      // open model: cap on users
	SpawnRate float64            `json:"spawn_rate"` // users started per second; closed model only
	Runtime   time.Duration      `json:"runtime"`    // hard end, measured from the start of the first user
	ThinkTime ThinkTime          `json:"think_time"` // closed model only
	Requests  []exchange.Request `json:"requests"`   // drawn by weight
	Seed      uint64             `json:"seed"`
	// ArrivalRate, in requests per second, selects the open model. A free user
	// sends the request over its open connection; if all users are busy, the
	// arrival is dropped. Latency counts from the intended start.
	ArrivalRate float64 `json:"arrival_rate,omitempty"`
	Poisson     bool    `json:"poisson,omitempty"` // exponential instead of constant distances between arrivals
	// Stages replace SpawnRate or ArrivalRate. Either all have Users, or all
	// have Rate. If they take less than Runtime, the last target is held. Users
	// must be at least the highest Users of a stage.
	Stages []Stage `json:"stages,omitempty"`
	// WarmUp is the time before the judged window. It starts when all users are
	// active; with stages or arrivals it starts with the load.
	WarmUp time.Duration `json:"warm_up,omitempty"`
	// OnStart lists the requests that each user sends once, in order, before
	// all others. If one fails, the user starts with the first again after its
	// pause. They are not judged. In the open model a user sends them before
	// its first arrival.
	OnStart []exchange.Request `json:"on_start,omitempty"`
	Feeds   []exchange.Feed    `json:"feeds,omitempty"`
	// Threads is the number of event loops, at most one per user and per CPU
	// that the process may use. 0 selects this maximum, and in the open model
	// as many loops as have at least 128 users each, because a loop cannot use
	// a free user of another loop. net/http uses all CPUs.
	Threads int `json:"threads,omitempty"`
	// Insecure accepts any certificate.
	Insecure bool `json:"insecure,omitempty"`
	// Exchanges passes each exchange to the recorder, with the window that it ended in.
	Exchanges bool `json:"exchanges,omitempty"`
	// Agents divides the load over so many agents: see Load.Share. 0 and 1 leave
	// it whole. Agent is the number of the share, from 0.
	Agents int `json:"agents,omitempty"`
	Agent  int `json:"agent,omitempty"`
}

// Exchange is one request and its outcome.
type Exchange struct {
	Request  int            `json:"request"`  // index into Requests, then OnStart of the load
	Endpoint int            `json:"endpoint"` // index of the address
	Began    int64          `json:"began"`    // nanoseconds since 1970; open model: when it was to start
	Took     time.Duration  `json:"took"`
	Lateness time.Duration  `json:"lateness,omitempty"` // how much later than intended it started, if it was scheduled
	Class    exchange.Class `json:"class,omitempty"`    // "" of an OK response; aborted: in flight at the end
	Status   int            `json:"status,omitempty"`   // 0 without a response
	Bytes    int64          `json:"bytes,omitempty"`    // of the response body
	Retried  bool           `json:"retried,omitempty"`
	Judged   bool           `json:"judged,omitempty"` // thresholds apply to it
}

// Stage is a load stage: Users or Rate move linearly from the target of the
// stage before (0 for the first) to this target. With Over 0 they jump to it.
type Stage struct {
	Users int           `json:"users,omitempty"`
	Rate  float64       `json:"rate,omitempty"` // arrivals per second
	Over  time.Duration `json:"over"`
}

// ThinkTime is the pause of a user between a response and the next request.
type ThinkTime struct {
	Kind string        `json:"kind"` // "", fixed, between, exponential; "" means no pause
	Min  time.Duration `json:"min"`  // fixed: the pause; between: the minimum; exponential: the mean
	Max  time.Duration `json:"max"`  // between: the maximum
}

// Recorder receives one window per second while a load runs.
type Recorder interface{ Record(Window) }

// Window holds the figures of one second of a load.
type Window struct {
	Second   int         `json:"second"`   // from 0, measured from the start of the first user
	Users    int         `json:"users"`    // active at its end
	Requests int64       `json:"requests"` // ended in it, OK or failed
	OK       int64       `json:"ok"`
	Failed   int64       `json:"failed"`
	Waiting  *int        `json:"waiting"` // in flight at its end; nil if the driver does not measure it
	Latency  Percentiles `json:"latency_ok"`
	// Histogram of Latency, in the format of Histograms, if the load is divided.
	Histogram string `json:"histogram,omitempty"`
	// Exchanges that ended in it, if the load asks for them. A series has none.
	Exchanges []Exchange `json:"exchanges,omitempty"`
}

// Counts holds the number of requests by outcome. Requests = OK + Failed +
// InFlight; latencies are in seconds. Nil pointers mean that the driver does
// not measure the figure.
type Counts struct {
	Method   string `json:"method,omitempty"`   // of a request; "" of all of them, and if the driver does not report it
	OnStart  bool   `json:"on_start,omitempty"` // users send it before all others
	Requests int64  `json:"requests"`
	OK       int64  `json:"ok"`
	Failed   int64  `json:"failed"`
	InFlight *int64 `json:"in_flight_at_end"`
	// Arrivals that were not sent: no user was free, on_start of the user
	// failed, or they were not handled before the end. They are not part of
	// Requests. Nil in the closed model.
	Dropped       *int64                   `json:"dropped,omitempty"`
	Retried       *int64                   `json:"retried"`
	Bytes         int64                    `json:"bytes"`
	Errors        map[exchange.Class]int64 `json:"errors"`
	LatencyOK     Percentiles              `json:"latency_ok"`
	LatencyFailed Percentiles              `json:"latency_failed"`
}

// Result holds what a load measured.
type Result struct {
	Transport Transport         `json:"transport"`        // implementation that sent the load: "epoll" or "net/http"
	Agents    int               `json:"agents,omitempty"` // that sent it together; 0 where it was not divided
	Protocols []string          `json:"protocols"`        // of the responses: HTTP/1.1, HTTP/2
	Seconds   float64           `json:"seconds"`          // duration of the load
	Total     Counts            `json:"total"`
	ByRequest map[string]Counts `json:"by_request"`
	// Judged covers the requests of the judged window. Its latencies include
	// the time that unfinished requests have waited, where that raises a
	// percentile: the end of the load may have cut these waits short.
	Judged             Judged            `json:"judged"`
	JudgedByRequest    map[string]Judged `json:"judged_by_request,omitempty"` // by request name, without on_start requests
	UsersNeverAnswered *int              `json:"users_never_answered"`
	UsersOverdue       *int              `json:"users_overdue"` // of them: those that waited longer than the timeout
	Rate               float64           `json:"rate"`          // requests per second, OK or failed
	Lateness           Percentiles       `json:"lateness"`      // actual minus intended start of requests
	CPUSeconds         float64           `json:"cpu_seconds"`   // of this process, during the load
	Threads            int               `json:"threads"`       // CPUs that it can use at the same time
	// Saturated lists the resources at which the driver was saturated. If there
	// are any, the figures say little about the service.
	Saturated []Saturation `json:"invalid,omitempty"`
	// The service stopped responding: half of the requests in flight at the end
	// had waited more than twice as long as the slowest response took, or,
	// where responses came until the end, as the slowest failure.
	Hung bool `json:"hung,omitempty"`
	// Why it ended before its runtime: an exhausted feed; "" otherwise.
	Ended       string                    `json:"ended,omitempty"`
	Connections int64                     `json:"connections"`        // number of connections opened
	PerAddress  map[string]int64          `json:"per_address"`        // requests sent, by endpoint
	Examples    map[exchange.Class]string `json:"examples,omitempty"` // one detail per class
	Histograms  Histograms                `json:"histograms"`
	Series      []Window                  `json:"series"`
}

// MostFrequentError returns the most frequent class of error, as the end of a
// sentence.
func (r *Result) MostFrequentError() string {
	var class exchange.Class
	for c, n := range r.Total.Errors {
		if n > r.Total.Errors[class] || (n == r.Total.Errors[class] && c < class) {
			class = c
		}
	}
	if class == exchange.OK {
		return ""
	}
	text := fmt.Sprintf(", %d × %s", r.Total.Errors[class], strings.ReplaceAll(string(class), "_", " "))
	if example := r.Examples[class]; example != "" {
		text += " (" + example + ")"
	}
	return text
}

// Saturation is one resource at which the driver was saturated.
type Saturation struct {
	Kind SaturationKind `json:"kind"`
	Text string         `json:"text"` // for people, with figures and the remedy
}

// Transport is the implementation that sent a load; "" if it is not known.
type Transport string

// Values of Transport.
const (
	Epoll   Transport = "epoll"
	NetHTTP Transport = "net/http"
)

// SaturationKind is the resource at which a driver is saturated.
type SaturationKind string

// Values of SaturationKind. A saturated rate does not excuse a failure, because
// more load would not have helped the service.
const (
	SaturationCPU SaturationKind = "cpu" // more than 80 % of the CPUs that it may use
	// P99 lateness of judged requests above 5 % of their p99 latency, and above
	// 1 ms.
	SaturationLateness SaturationKind = "lateness"
	// Less load than intended: under 98 % of the arrivals sent; for Locust too
	// few users, or users whose end it does not know.
	SaturationRate    SaturationKind = "rate"
	SaturationSockets SaturationKind = "sockets" // it could not open some sockets
)

// Histograms in HdrHistogram's V2 compressed format as base64, in microseconds.
type Histograms struct {
	OK     string `json:"ok"`
	Failed string `json:"failed"`
	Judged string `json:"judged"` // OK responses of the judged window
	// JudgedFailed has the failed requests of the judged window. It is empty in
	// results of versions that did not record it.
	JudgedFailed string `json:"judged_failed,omitempty"`
	Waits        string `json:"waits"` // how long judged requests that were in flight at the end had waited
	Lateness     string `json:"lateness"`
	// ByRequest has the latencies of each request, by its name.
	ByRequest map[string]Latencies `json:"by_request,omitempty"`
	// JudgedByRequest has those of the judged window. It is empty if the load has
	// one request, whose histograms are those of all.
	JudgedByRequest map[string]JudgedLatencies `json:"judged_by_request,omitempty"`
}

// JudgedLatencies are the histograms of one request in the judged window.
type JudgedLatencies struct {
	Judged string `json:"judged"`
	Failed string `json:"failed,omitempty"`
	Waits  string `json:"waits"`
}

// Latencies are the histograms of one request.
type Latencies struct {
	OK     string `json:"ok"`
	Failed string `json:"failed"`
}
