package truth

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var seed = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the loads and of what servers do")

// Roles of this binary other than a test, selected by an environment variable.
const (
	asReferee = "TRUTH_REFEREE"
	asLoad    = "TRUTH_LOAD"
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asReferee) != "":
		exit(become(preside))
	case os.Getenv(asLoad) != "":
		exit(become(carry))
	}
	os.Exit(m.Run())
}

// become runs the role in the first line that it reads. in holds the rest.
func become[T any](do func(orders T, in *bufio.Reader) error) error {
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var orders T
	if err := json.Unmarshal(line, &orders); err != nil {
		return err
	}
	return do(orders, in)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// moment is a time of CLOCK_MONOTONIC, which all processes share.
type moment int64

func now() moment { return read(unix.CLOCK_MONOTONIC) }

func read(clock int32) moment {
	var at unix.Timespec
	if err := unix.ClockGettime(clock, &at); err != nil {
		panic(err) // impossible: the arguments are constant
	}
	return moment(at.Nano())
}

func (m moment) after(earlier moment) time.Duration { return time.Duration(m - earlier) }
func (m moment) plus(d time.Duration) moment        { return m + moment(d) }
