package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// Read returns a run from its file. A last line that is cut off, since the command
// was killed while it wrote, is left out. A run without its last line is
// Unfinished.
func Read(path string) (Run, error) {
	file, err := os.Open(path)
	if err != nil {
		return Run{}, err
	}
	defer file.Close()
	run, err := fold(file)
	if err != nil {
		return Run{}, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}

// ReadBeginning returns the header and the plan of a run, from the first line of
// its file.
func ReadBeginning(path string) (Run, error) {
	file, err := os.Open(path)
	if err != nil {
		return Run{}, err
	}
	defer file.Close()
	text, err := bufio.NewReader(file).ReadBytes('\n')
	if err != nil {
		return Run{}, fmt.Errorf("%s: its first line is missing: %w", path, err)
	}
	var line Line
	if err := json.Unmarshal(text, &line); err != nil {
		return Run{}, fmt.Errorf("%s: line 1 is damaged: %w", path, err)
	}
	if line.Run == nil {
		return Run{}, fmt.Errorf("%s: this is no journal of a run", path)
	}
	return *line.Run, nil
}

func fold(r io.Reader) (Run, error) {
	var (
		run    Run
		begun  bool
		ended  bool
		reader = bufio.NewReader(r)
	)
	for number := 1; ; number++ {
		text, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) { // what follows the last newline was cut off
			break
		}
		if err != nil {
			return Run{}, err
		}
		var line Line
		if err := json.Unmarshal(text, &line); err != nil {
			return Run{}, fmt.Errorf("line %d is damaged: %w", number, err)
		}
		if line.Run != nil && line.Run.FormatVersion != Format {
			return Run{}, fmt.Errorf("it has format %d, and this command reads format %d: use the command that wrote it", line.Run.FormatVersion, Format)
		}
		if err := line.check(); err != nil {
			return Run{}, fmt.Errorf("line %d: %w", number, err)
		}
		Apply(&run, line)
		begun, ended = begun || line.Run != nil, ended || line.End != nil
	}
	if !begun {
		return Run{}, errors.New("this is no journal of a run: its first line is missing")
	}
	run.Run.Unfinished = !ended
	return run, nil
}

// check returns an error at words that this command does not know: an exit code, for
// one, would be a guess.
func (l Line) check() error {
	unknown := func(what, word string) error {
		return fmt.Errorf("it has the %s %q, which this command does not know: use the command that wrote it", what, word)
	}
	explained := func(r Reason) bool {
		return slices.ContainsFunc(Explanations, func(e Explanation) bool { return e.Reason == r })
	}
	if t := l.Trial; t != nil {
		switch {
		case !slices.Contains(Verdicts, t.Verdict):
			return unknown("verdict", string(t.Verdict))
		case t.Reason != nil && !explained(*t.Reason):
			return unknown("reason", string(*t.Reason))
		}
	}
	if s := l.Stage; s != nil {
		switch {
		case s.Verdict != "" && !slices.Contains(Verdicts, s.Verdict):
			return unknown("verdict", string(s.Verdict))
		case s.AbortedBy != "" && !explained(s.AbortedBy):
			return unknown("reason", string(s.AbortedBy))
		case s.FailedBy != "" && !explained(s.FailedBy):
			return unknown("reason", string(s.FailedBy))
		}
	}
	return nil
}
