package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"plan/internal/bench/peers"
)

// record is the stored result of one run. Times are in seconds.
type record struct {
	Shape   string   `json:"shape"`
	Peer    string   `json:"peer"`
	Round   int      `json:"round"`
	Users   int      `json:"users"`
	Rate    int      `json:"rate"`
	Seconds int      `json:"seconds"` // intended duration
	Command []string `json:"command"`

	// Failed is why the figures of the run are not valid.
	Failed    string  `json:"failed,omitempty"`
	Tries     int     `json:"tries"`
	Others    float64 `json:"others"`    // CPUs that other processes used during the run
	Disturbed bool    `json:"disturbed"` // others used too much CPU at every attempt

	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`  // user and system time from start to end
	Peak int64   `json:"peak"` // in bytes

	Requests    int64           `json:"requests"` // counted by the referee, like the following
	Connections int64           `json:"connections"`
	Active      int             `json:"active"`               // connections with at least one request
	First       *float64        `json:"first,omitempty"`      // first request, after the start of the process
	AllActive   *float64        `json:"all_active,omitempty"` // when as many connections as users had sent a request, after the start of the process
	Last        *float64        `json:"last,omitempty"`
	Stall       float64         `json:"stall,omitempty"`
	Fit         *fit            `json:"fit,omitempty"`    // of the arrivals to the rate
	Logged      *peers.Reported `json:"logged,omitempty"` // latency from the referee's log

	Reported peers.Reported `json:"said"`
}

// fit is how far arrivals deviate from their schedule.
type fit struct {
	Rate float64 `json:"rate"`
	SD   float64 `json:"sd"`
	P99  float64 `json:"p99"`
}

// is reports whether two records are of the same measurement.
func (r record) is(s record) bool {
	return r.Shape == s.Shape && r.Peer == s.Peer && r.Round == s.Round && r.Users == s.Users && r.Rate == s.Rate && r.Seconds == s.Seconds
}

// readRecords reads stored records; none if the file is missing.
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

// append appends the record to a file.
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
