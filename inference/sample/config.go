// Package sample is the bundled inference service: a stand-in for a real API
// whose need of memory and CPU is known to the byte and the microsecond.
//
// It holds memory outside the Go heap, with every page touched, so that a
// limit below its need is a kernel kill and one above it is not. It knows
// nothing of plans, containers or load.
package sample

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"plan/internal/units"
)

// Config is what the service needs and how it behaves.
type Config struct {
	Address    string
	HealthPath string

	Memory        units.Bytes // held from the start
	LargeFrom     units.Bytes // limit from which on LargeMemory is held instead; 0: none
	LargeMemory   units.Bytes
	Peak          units.Bytes // held besides while it starts
	PeakTime      time.Duration
	FirstMemory   units.Bytes // taken by the first prediction and kept
	RequestMemory units.Bytes // held by each prediction while it runs
	WorkerMemory  units.Bytes // held by a worker process; 0: there is none
	KeptMemory    units.Bytes // taken by each prediction and never released

	CPUTime    time.Duration // burnt by each prediction
	Sleep      time.Duration // slept by each prediction
	Slots      int           // predictions at a time; 0: no bound
	Processes  int           // that share the port, each with all of the memory; 0: this one alone
	HangAfter  int           // predictions, after which it answers nothing any more; 0: never
	StartDelay time.Duration
	EarlyPort  bool // it listens before the delay and the memory, and accepts after them
	ExitCode   *int // ends with it after the delay; nil: serves
	Status     int  // of every prediction; 0: 200

	StallRate float64       // share of the predictions that sleep for Stall: 0 to 1
	Stall     time.Duration // besides Sleep
	Host      string        // the only Host header that it answers, others with 400; "": any

	DropRate float64 // of the predictions that it has read, the share whose connections it closes without an answer: 0 to 1
}

// Flags defines the service's flags and returns what they set.
func Flags(flags *pflag.FlagSet) *Config {
	c := &Config{}
	flags.StringVar(&c.Address, "address", "0.0.0.0:8000", "where to listen")
	flags.StringVar(&c.HealthPath, "health-path", "/health", "path that answers once the service is ready")
	flags.Var((*size)(&c.Memory), "memory", "memory held from the start, such as 500M")
	flags.Var((*size)(&c.LargeFrom), "large-from", "memory limit from which on it sizes itself larger (0B: none)")
	flags.Var((*size)(&c.LargeMemory), "large-memory", "memory held from the start under such a limit, in place of --memory")
	flags.Var((*size)(&c.Peak), "peak", "more memory while it starts, released before it is ready")
	flags.DurationVar(&c.PeakTime, "peak-time", 500*time.Millisecond, "how long the peak lasts")
	flags.Var((*size)(&c.FirstMemory), "first-memory", "more memory from the first prediction on")
	flags.Var((*size)(&c.RequestMemory), "request-memory", "more memory for each prediction while it runs")
	flags.Var((*size)(&c.WorkerMemory), "worker-memory", "memory of a worker process, without which predictions answer 503")
	flags.Var((*size)(&c.KeptMemory), "kept-memory", "memory that each prediction takes and never releases")
	flags.DurationVar(&c.CPUTime, "cpu-time", 0, "CPU time of each prediction")
	flags.DurationVar(&c.Sleep, "sleep", 0, "time that each prediction sleeps")
	flags.IntVar(&c.Slots, "slots", 0, "predictions at a time, others wait (0: no bound)")
	flags.IntVar(&c.Processes, "processes", 0, "processes that share the port, each with all of the memory (0: this one alone)")
	flags.IntVar(&c.HangAfter, "hang-after", 0, "predictions after which it answers nothing any more (0: never)")
	flags.DurationVar(&c.StartDelay, "start-delay", 0, "time before it takes memory and listens")
	flags.BoolVar(&c.EarlyPort, "early-port", false, "listen before the start delay and the memory, and accept after them")
	flags.Var(code{&c.ExitCode}, "exit-code", "end with this code after the start delay instead of serving")
	flags.IntVar(&c.Status, "status", 0, "answer every prediction with this status (0: 200)")
	flags.Var((*share)(&c.StallRate), "stall-rate", "share of the predictions that sleep for --stall, as 4% (0: none)")
	flags.DurationVar(&c.Stall, "stall", 0, "time that such a prediction sleeps besides --sleep")
	flags.StringVar(&c.Host, "host", "", "the only Host header that it answers; others get status 400 (empty: any)")
	flags.Var((*share)(&c.DropRate), "drop-rate", "share of the predictions that it takes and breaks off without an answer, as 4% (0: none)")
	return c
}

// size is a flag of an amount of memory.
type size units.Bytes

func (s *size) String() string { return units.Bytes(*s).String() }
func (s *size) Type() string   { return "size" }

func (s *size) Set(text string) error {
	bytes, err := units.ParseBytes(text)
	if err != nil {
		return fmt.Errorf("%w: write it as 500M or 1.5G", err)
	}
	*s = size(bytes)
	return nil
}

// share is a flag of a part of all, such as 4% or 0.04.
type share float64

func (s *share) String() string { return strconv.FormatFloat(float64(*s)*100, 'f', -1, 64) + "%" }
func (s *share) Type() string   { return "share" }

func (s *share) Set(text string) error {
	part, err := units.ParseShare(text)
	if errors.Is(err, units.ErrNoUnit) {
		part, err = strconv.ParseFloat(text, 64)
	}
	if err != nil || !(part >= 0 && part <= 1) {
		return errors.New("a share is written as 4% or 0.04, from 0% to 100%")
	}
	*s = share(part)
	return nil
}

// code is a flag of an exit code, which may be not given.
type code struct{ given **int }

func (c code) Type() string { return "int" }

func (c code) String() string {
	if c.given == nil || *c.given == nil {
		return ""
	}
	return strconv.Itoa(**c.given)
}

func (c code) Set(text string) error {
	number, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		return errors.New("an exit code is a number from 0 to 255")
	}
	*c.given = new(int(number))
	return nil
}

// Exit says that the service ended with a code because --exit-code says so.
type Exit struct{ Code int }

func (e *Exit) Error() string {
	return fmt.Sprintf("ended with code %d, as --exit-code says", e.Code)
}
