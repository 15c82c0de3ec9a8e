// Package sample is the bundled inference service: a stand-in for a real API,
// with configured memory (exact to the byte) and CPU time (exact to the
// microsecond).
//
// It allocates memory outside the Go heap and touches every page, so that the
// kernel kills it under any lower limit and under no higher one. It knows
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

// Config defines the resources and the behaviour of the service.
type Config struct {
	Address    string
	HealthPath string

	Memory        units.Bytes // allocated at the start
	LargeFrom     units.Bytes // memory limit from which LargeMemory replaces Memory; 0: none
	LargeMemory   units.Bytes
	Peak          units.Bytes // allocated in addition during the start
	PeakTime      time.Duration
	SharedMemory  units.Bytes // written to /dev/shm at the start
	FirstMemory   units.Bytes // allocated by the first prediction and kept
	RequestMemory units.Bytes // allocated by each prediction while it runs
	WorkerMemory  units.Bytes // allocated by a worker process; 0: no worker
	KeptMemory    units.Bytes // allocated by each prediction and never released

	CPUTime    time.Duration // used by each prediction
	Sleep      time.Duration // waited by each prediction
	Slots      int           // concurrent predictions; 0: unlimited
	Processes  int           // processes that share the port, each with all of the memory; 0: this process serves
	HangAfter  int           // number of predictions after which it stops responding; 0: never
	StartDelay time.Duration
	EarlyPort  bool // listen before the delay and the allocations, and accept after them
	ExitCode   *int // exit with it after the delay; nil: serve
	Status     int  // of every prediction; 0 means 200

	StallRate float64 // share of the predictions, 0 to 1, that wait Stall in addition to Sleep
	Stall     time.Duration
	Host      string // the only Host header that gets a response other than 400; "": any

	DropRate float64 // share of the predictions, 0 to 1, whose connections it closes without a response
}

// Flags defines the service's flags and returns the configuration that they
// set.
func Flags(flags *pflag.FlagSet) *Config {
	c := &Config{}
	flags.StringVar(&c.Address, "address", "0.0.0.0:8000", "where to listen")
	flags.StringVar(&c.HealthPath, "health-path", "/health", "path that responds when the service is ready")
	flags.Var((*size)(&c.Memory), "memory", "memory held from the start, such as 500M")
	flags.Var((*size)(&c.LargeFrom), "large-from", "memory limit from which --large-memory applies (0B: none)")
	flags.Var((*size)(&c.LargeMemory), "large-memory",
		"memory held from the start if --large-from applies, instead of --memory")
	flags.Var((*size)(&c.Peak), "peak", "additional memory while it starts, released before it is ready")
	flags.DurationVar(&c.PeakTime, "peak-time", 500*time.Millisecond, "how long the peak lasts")
	flags.Var((*size)(&c.SharedMemory), "shared-memory", "memory in /dev/shm that it writes at the start")
	flags.Var((*size)(&c.FirstMemory), "first-memory", "additional memory from the first prediction on")
	flags.Var((*size)(&c.RequestMemory), "request-memory", "additional memory of each prediction while it runs")
	flags.Var((*size)(&c.WorkerMemory), "worker-memory", "memory of a worker process; predictions get a 503 after its end")
	flags.Var((*size)(&c.KeptMemory), "kept-memory", "memory that each prediction allocates and never releases")
	flags.DurationVar(&c.CPUTime, "cpu-time", 0, "CPU time of each prediction")
	flags.DurationVar(&c.Sleep, "sleep", 0, "time that each prediction sleeps")
	flags.IntVar(&c.Slots, "slots", 0, "concurrent predictions; others wait (0: unlimited)")
	flags.IntVar(&c.Processes, "processes", 0, "processes that share the port, each with all of the memory (0: none)")
	flags.IntVar(&c.HangAfter, "hang-after", 0, "number of predictions after which it stops responding (0: never)")
	flags.DurationVar(&c.StartDelay, "start-delay", 0, "time before it allocates memory and listens")
	flags.BoolVar(&c.EarlyPort, "early-port", false, "listen before the start delay and the allocations, and accept after them")
	flags.Var(code{&c.ExitCode}, "exit-code", "exit with this code after the start delay instead of serving")
	flags.IntVar(&c.Status, "status", 0, "status of every prediction (0: 200)")
	flags.Var((*share)(&c.StallRate), "stall-rate", "share of the predictions that wait --stall, as 4% (0: none)")
	flags.DurationVar(&c.Stall, "stall", 0, "additional wait of the predictions that --stall-rate selects")
	flags.StringVar(&c.Host, "host", "", "the only Host header that is accepted; others get status 400 (empty: any)")
	flags.Var((*share)(&c.DropRate), "drop-rate", "share of the predictions that are dropped without a response, as 4% (0: none)")
	return c
}

// size is a flag with an amount of memory.
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

// share is a flag with a share, such as 4% or 0.04.
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

// code is a flag with an optional exit code.
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

// Exit is the error of a service that exits because of --exit-code.
type Exit struct{ Code int }

func (e *Exit) Error() string {
	return fmt.Sprintf("ended with code %d, as --exit-code says", e.Code)
}
