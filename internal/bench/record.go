package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"plan/internal/bench/figures"
	"plan/internal/bench/peers"
)

// record is one run of a generator, as it is kept. Times in seconds.
type record struct {
	Shape   string   `json:"shape"`
	Peer    string   `json:"peer"`
	Round   int      `json:"round"`
	Users   int      `json:"users"`
	Rate    int      `json:"rate"`
	Seconds int      `json:"seconds"` // that it was to last
	Command []string `json:"command"`

	// Failed says why the run tells nothing of the generator's figures.
	Failed    string  `json:"failed,omitempty"`
	Tries     int     `json:"tries"`
	Others    float64 `json:"others"`    // CPUs that other processes used meanwhile
	Disturbed bool    `json:"disturbed"` // they used too much, at each try

	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`  // user and system, from start to end
	Peak int64   `json:"peak"` // bytes

	Requests    int64       `json:"requests"` // by the referee's count, as all of these
	Connections int64       `json:"connections"`
	Active      int         `json:"active"`               // connections that sent a request
	First       *float64    `json:"first,omitempty"`      // request, after the process started
	AllActive   *float64    `json:"all_active,omitempty"` // likewise, until as many connections as users had sent one
	Last        *float64    `json:"last,omitempty"`
	Stall       float64     `json:"stall,omitempty"`
	Fit         *fit        `json:"fit,omitempty"`    // of the arrivals to the rate
	Logged      *peers.Said `json:"logged,omitempty"` // latency that the referee's log comes to

	Said peers.Said `json:"said"`
}

// fit is how far arrivals were off their schedule.
type fit struct {
	Rate float64 `json:"rate"`
	SD   float64 `json:"sd"`
	P99  float64 `json:"p99"`
}

func newFit(f figures.Fit) *fit {
	if f.N == 0 {
		return nil
	}
	return &fit{Rate: f.Rate, SD: f.SD, P99: f.P99}
}

// is tells whether both are the same measurement.
func (r record) is(s record) bool {
	return r.Shape == s.Shape && r.Peer == s.Peer && r.Round == s.Round && r.Users == s.Users && r.Rate == s.Rate && r.Seconds == s.Seconds
}

// readRecords reads what was kept; of no file that is nothing.
func readRecords(path string) (records []record, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w: remove the file, and measure all of it again", path, len(records)+1, err)
		}
		records = append(records, r)
	}
	return records, lines.Err()
}

// append adds a record to a file.
func (r record) append(path string) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}
