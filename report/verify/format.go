package verify

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"regexp"
	"strings"
	"time"
)

// The format of the journal, as far as it is checked. Pointers are nil where a
// figure is not known.
type (
	line struct {
		Type  string
		Run   *header
		Stage *stage
		Trial *trial
		End   *ending
	}

	header struct {
		FormatVersion int `json:"format_version"`
		Run           struct{ ID string }
	}

	ending struct {
		ExitCode int    `json:"exit_code"`
		Problem  string // why the run could not go on
	}

	stage struct {
		Address, Kind, Service, Verdict, Dimension string
		AbortedBy                                  string `json:"aborted_by"`
		FailedBy                                   string `json:"failed_by"`
		LimitIndependent                           bool   `json:"not_memory"`
		Found, Recommended                         *settings
		Corrected                                  int64
		AtMost                                     bool `json:"at_most"`
		SetAside                                   int  `json:"set_aside"`
		Margin                                     float64
		Held                                       *int
		AtLeast                                    *int `json:"at_least"`
		Met                                        *bool
		Certificate                                *proof
		Disproved                                  []disproof
		Points                                     []string
		Grid                                       []float64
		Axes                                       []axis
		Prefer                                     string
		Price                                      *price
		Undecided                                  int
		Reason                                     string
		Steps                                      []int
		Auto                                       *autoUsers
		Knee, Mixed                                *int
		Levels                                     []level
		HasLoad                                    bool `json:"has_load"`
		HasScenario                                bool `json:"has_scenario"`
		HasThreshold                               bool `json:"has_threshold"`
		Thresholds                                 []threshold
		LeakHorizon                                float64 `json:"leak_horizon"`
		trials                                     []*trial
	}

	disproof struct {
		Trial string
		At    *settings
	}

	proof struct {
		Passed      string
		Failed      []string
		Recommended string
	}

	threshold struct {
		Request, Metric string
		Limit           float64
	}

	settings struct {
		Memory   *int64
		CPUs     *float64
		Replicas *int
		Vary     map[string]any
	}

	trial struct {
		ID, Verdict, Phase, Repeats string
		Reason                      *string
		Set                         settings
		Users                       *int
		Windows                     []grown
		Arrivals                    *float64 `json:"arrival_rate"`
		FirstLook                   bool     `json:"first_look"`
		Chosen                      string
		Configuration, Scenario     int
		Unexplained                 bool
		OOMKills                    *int64 `json:"oom_kills"`
		ExitCode                    *int   `json:"exit_code"`
		Seconds                     struct{ Ready *float64 }
		Load                        *load
		Instances                   []instance
		Evidence                    *seen
	}

	// grown is a part of a load that grew; without seconds the load did not reach it.
	grown struct {
		Users   int
		Seconds float64
		OK      int64
		OKRate  float64 `json:"ok_rate"`
		Broken  string
	}

	instance struct {
		Name      string
		ExitCode  *int   `json:"exit_code"`
		OOMKills  *int64 `json:"oom_kills"`
		Displaced string
		Killed    bool
		Restarts  int
		Limits    struct {
			Memory *int64
			CPUs   *float64
		}
		Memory struct {
			Peak      *int64
			Anonymous *int64
		}
		Files      *files
		BeforeLoad *pageFaults `json:"before_load"`
	}

	files struct {
		Mapped, Resident *int64
		pageFaults
	}

	pageFaults struct {
		MajorFaults *int64 `json:"major_faults"`
		Refaults    *int64
	}

	outcome struct {
		Class  string
		Status int
	}

	seen struct {
		Witnesses  []json.RawMessage
		First      map[string]outcome
		After      []struct{ Outcome outcome }
		Asserts    []json.RawMessage
		LostShare  string `json:"lost_share"`
		Series     []window
		Events     []struct{ Container, Kind string }
		Containers []struct {
			Name, Role string
			Usage      []struct {
				At        time.Time
				Anonymous *int64
			}
		}
		Histograms *histograms
	}

	window struct{ OK, Failed int64 }

	histograms struct {
		OK, Failed, Judged, Waits, Lateness string
		ByRequest                           map[string]struct{ OK, Failed string } `json:"by_request"`
		JudgedByRequest                     map[string]judgedHistograms            `json:"judged_by_request"`
	}

	judgedHistograms struct{ Judged, Waits string }

	// percentiles are seconds by the name of the percentile. Those that an earlier
	// version did not know are absent.
	percentiles map[string]*float64

	counts struct {
		OnStart       bool `json:"on_start"`
		Requests      int64
		OK            int64
		Failed        int64
		InFlight      *int64 `json:"in_flight_at_end"`
		Errors        map[string]int64
		Dropped       *int64
		LatencyOK     percentiles `json:"latency_ok"`
		LatencyFailed percentiles `json:"latency_failed"`
	}

	judged struct {
		From, Seconds float64
		Requests      int64
		OK            int64
		Failed        int64
		OKRate        float64 `json:"ok_rate"`
		Latency       percentiles
	}

	load struct {
		counts
		Driver          string
		Began           time.Time
		RisesUntil      float64 `json:"rises_until"`
		Seconds         float64
		Rate            float64
		Lateness        struct{ P99, Max *float64 }
		Invalid         []struct{ Kind string }
		Hung            bool
		Ended           string
		Judged          judged
		JudgedByRequest map[string]judged `json:"judged_by_request"`
		ByRequest       map[string]counts `json:"by_request"`
	}
)

// record is a run as its lines say.
type record struct {
	id      string
	stages  []*stage
	end     *ending // nil: the run has no end
	damaged []Finding
}

// formatVersion is the version of the format that is read.
const formatVersion = 1

// mostDamaged is how many damaged lines are findings of their own.
const mostDamaged = 100

// longestLine is the length of a line in bytes above which it is damaged.
const longestLine = 64 << 20

// read folds the lines of a journal: later lines of a stage or a trial replace
// earlier ones. A last line that is cut off is left out, and so are damaged lines.
func read(r io.Reader) (record, error) {
	var all record
	reader, begun, some, sums, damaged := bufio.NewReader(r), false, false, false, 0
	var buffer []byte
	for number := 1; ; number++ {
		text, long, err := next(reader, buffer)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return all, err
		}
		buffer = text
		text = bytes.TrimRight(text, "\r\n")
		var l line
		at, why := checksum.FindSubmatchIndex(text), "" // why the line cannot be used
		summed := at != nil && !long
		if long {
			why = fmt.Sprintf("it has more than %d MiB", longestLine>>20)
		} else if summed && fmt.Sprintf("%08x", crc32.Checksum(text[:at[0]], castagnoli)) != string(text[at[2]:at[3]]) {
			why = "its checksum is wrong"
		} else if err := json.Unmarshal(text, &l); err != nil {
			why = err.Error()
		} else if sums && !summed {
			why = "its checksum is missing"
		}
		if why != "" {
			if damaged++; damaged <= mostDamaged {
				all.damaged = append(all.damaged, Finding{fmt.Sprintf("line %d", number), "it is damaged, and left out: " + why})
			}
			continue
		}
		sums = sums || summed
		if !some && l.Run == nil && len(all.damaged) == 0 {
			return all, errors.New("this is no journal of a run: its first line is missing")
		}
		some = true
		switch {
		case l.Run != nil && l.Run.FormatVersion != formatVersion:
			return all, fmt.Errorf("it has format %d, but this command reads format %d", l.Run.FormatVersion, formatVersion)
		case l.Run != nil:
			begun, all.id = true, l.Run.Run.ID
		case l.Stage != nil:
			s := all.stage(l.Stage.Address)
			trials := s.trials
			*s = *l.Stage
			s.trials = trials
		case l.Trial != nil:
			slash := strings.LastIndex(l.Trial.ID, "/")
			if slash < 0 {
				return all, fmt.Errorf("line %d has a trial without a stage: %q", number, l.Trial.ID)
			}
			s := all.stage(l.Trial.ID[:slash])
			if i := s.find(l.Trial.ID); i >= 0 {
				s.trials[i] = l.Trial
			} else {
				s.trials = append(s.trials, l.Trial)
			}
		case l.End != nil:
			all.end = l.End
		}
	}
	switch {
	case !some && len(all.damaged) > 0:
		return all, fmt.Errorf("this is no journal of a run: %s: %s", all.damaged[0].Where, all.damaged[0].What)
	case !begun && len(all.damaged) == 0:
		return all, errors.New("this is no journal of a run: its first line is missing")
	case damaged > mostDamaged:
		all.damaged = append(all.damaged, Finding{"run", fmt.Sprintf("%d lines are damaged, and left out", damaged)})
	}
	return all, nil
}

// next reads a line into a buffer, which may grow. The text of one that is longer than
// longestLine is cut.
func next(r *bufio.Reader, buffer []byte) (text []byte, long bool, err error) {
	text = buffer[:0]
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(text)+len(part) > longestLine; !long {
			text = append(text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, long, err
		}
	}
}

// A line of a journal ends in the checksum of the bytes before it, a CRC-32C in hex;
// those of versions up to 0.1 have none.
var (
	checksum   = regexp.MustCompile(`,"sum":"([0-9a-f]{8})"\}$`)
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// stage returns the stage of an address; a new one where there is none.
func (r *record) stage(address string) *stage {
	for _, s := range r.stages {
		if s.Address == address {
			return s
		}
	}
	s := &stage{Address: address}
	r.stages = append(r.stages, s)
	return s
}

// find returns the index of a trial; -1 where it is not there.
func (s *stage) find(id string) int {
	for i, t := range s.trials {
		if t.ID == id {
			return i
		}
	}
	return -1
}

// trial returns the trial of an ID, of any stage; nil where it is not there.
func (r *record) trial(id string) *trial {
	for _, s := range r.stages {
		if i := s.find(id); i >= 0 {
			return s.trials[i]
		}
	}
	return nil
}
