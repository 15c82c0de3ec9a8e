package journal

import (
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
)

// Load is the result of the load of a trial.
type Load struct {
	Driver             Driver                    `json:"driver"`                // plan, locust
	Version            string                    `json:"version,omitempty"`     // of another driver than plan
	Way                Way                       `json:"way"`                   // network; host: plan load
	Transport          engine.Transport          `json:"transport"`             // epoll, net/http; "": not known
	Agents             int                       `json:"agents,omitempty"`      // that sent it together; 0: one
	Protocols          []string                  `json:"protocols,omitempty"`   // that answers came in
	Started            time.Time                 `json:"started,omitzero"`      // of the driver; zero: not known
	Began              time.Time                 `json:"began,omitzero"`        // of the load; zero: not known
	RisesUntil         float64                   `json:"rises_until,omitempty"` // of Source
	Requests           int64                     `json:"requests"`
	OK                 int64                     `json:"ok"`
	Failed             int64                     `json:"failed"`
	Dropped            *int64                    `json:"dropped"`
	InFlightAtEnd      *int64                    `json:"in_flight_at_end"`
	Retried            *int64                    `json:"retried"`
	Bytes              int64                     `json:"bytes"`       // of answers' bodies
	Connections        *int64                    `json:"connections"` // opened; nil where the driver does not count them
	UsersNeverAnswered *int                      `json:"users_never_answered"`
	UsersOverdue       *int                      `json:"users_overdue"`
	Rate               float64                   `json:"rate"`
	Seconds            float64                   `json:"seconds"`
	CPUSeconds         float64                   `json:"cpu_seconds"` // of the generator
	CPUShare           *float64                  `json:"cpu_share"`   // of the CPUs that the generator can use
	Errors             map[exchange.Class]int64  `json:"errors"`
	Examples           map[exchange.Class]string `json:"examples,omitempty"` // of errors, one detail for each class
	LatencyOK          engine.Percentiles        `json:"latency_ok"`
	LatencyFailed      engine.Percentiles        `json:"latency_failed"`
	Lateness           Lateness                  `json:"lateness"`
	Invalid            []engine.Saturation       `json:"invalid,omitempty"` // how the generator was the limit
	Hung               bool                      `json:"hung,omitempty"`    // the service stopped responding
	Ended              string                    `json:"ended,omitempty"`   // why before its runtime
	Judged             engine.Judged             `json:"judged"`
	JudgedByRequest    map[string]engine.Judged  `json:"judged_by_request,omitempty"`
	ByRequest          map[string]engine.Counts  `json:"by_request"`
}

// JudgedOf returns the judged window of one request, by its name; of all requests
// for "".
func (l *Load) JudgedOf(request string) engine.Judged {
	if request == "" {
		return l.Judged
	}
	return l.JudgedByRequest[request]
}

// Lateness of the generator itself, in seconds.
type Lateness struct {
	P99 *float64 `json:"p99"`
	Max *float64 `json:"max"`
}

// Source is what made a load, as far as its result does not have it.
type Source struct {
	Driver   Driver
	Way      Way
	Version  string    // of another driver than plan's own engine
	CPUShare *float64  // of the CPUs that another driver can use; nil where it is not known
	Began    time.Time // the load's start; zero where it is not known
	// RisesUntil is how many seconds after that its target rises for the last time,
	// where it has stages.
	RisesUntil float64
}

// Steady returns how much of the judged window there was after the target of the load had risen for the last time.
func (l Load) Steady() time.Duration {
	return units.Seconds(l.Judged.From + l.Judged.Seconds - max(l.Judged.From, l.RisesUntil))
}

// LoadOf returns the record of a load. Its series and histograms are evidence.
func LoadOf(r engine.Result, by Source) Load {
	load := Load{
		Driver: by.Driver, Version: by.Version, CPUShare: by.CPUShare,
		Began: by.Began, RisesUntil: by.RisesUntil,
		Way: by.Way, Transport: r.Transport, Agents: r.Agents, Protocols: r.Protocols,
		Requests: r.Total.Requests, OK: r.Total.OK, Failed: r.Total.Failed, Dropped: r.Total.Dropped, InFlightAtEnd: r.Total.InFlight,
		Retried: r.Total.Retried, Bytes: r.Total.Bytes, Connections: &r.Connections, Examples: r.Examples,
		UsersNeverAnswered: r.UsersNeverAnswered, UsersOverdue: r.UsersOverdue,
		Rate: r.Rate, Seconds: r.Seconds, CPUSeconds: r.CPUSeconds, Errors: r.Total.Errors,
		LatencyOK: r.Total.LatencyOK, LatencyFailed: r.Total.LatencyFailed,
		Lateness: Lateness{P99: r.Lateness.P99, Max: r.Lateness.Max},
		Invalid:  r.Saturated, Hung: r.Hung, Ended: r.Ended, Judged: r.Judged, ByRequest: r.ByRequest, JudgedByRequest: r.JudgedByRequest,
	}
	if by.Driver == OwnEngine && r.Seconds > 0 && r.Threads > 0 {
		load.CPUShare = new(r.CPUSeconds / r.Seconds / float64(r.Threads))
	}
	return load
}
