package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// longestLine is the length of a line in bytes above which it counts as damaged. A trial of an hour with ten containers
// has about 5 MiB.
const longestLine = 64 << 20

// mostDamaged is how many damaged lines of a journal are described. A file that is no journal may have millions.
const mostDamaged = 100

// Damage is a line of a journal that was left out.
type Damage struct {
	Line int    // from 1
	Why  string // for people
}

func (d Damage) String() string { return fmt.Sprintf("line %d is damaged: %s", d.Line, d.Why) }

// Read returns a run from its file. Damaged lines are left out, and the first of them listed in Damaged. A last line
// that is cut off, since the command was killed while it wrote, is left out too. A run without its last line is
// Unfinished.
func Read(path string) (Run, error) {
	file, err := open(path, os.O_RDONLY)
	if err != nil {
		return Run{}, err
	}
	defer file.Close()
	run, err := fold(file, func(Line) error { return nil })
	if err != nil {
		return Run{}, fmt.Errorf("%s: %w", path, err)
	}
	if run.Run.ID == "" { // the first line is damaged: the folder has the name of the run
		run.Run.ID = filepath.Base(filepath.Dir(path))
	}
	return run, nil
}

// open opens a journal. Something else than a file, such as a pipe or a device, may never end.
func open(path string, flag int) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: this is no journal of a run: it is no regular file", path)
	}
	return os.OpenFile(path, flag, 0)
}

// Lines calls a function for each line of a file that is not damaged, in order, until it returns an error.
func Lines(path string, do func(Line) error) error {
	file, err := open(path, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fold(file, do)
	return err
}

// ReadBeginning returns the header and the plan of a run, from the first line of
// its file.
func ReadBeginning(path string) (Run, error) {
	file, err := open(path, os.O_RDONLY)
	if err != nil {
		return Run{}, err
	}
	defer file.Close()
	lines := lineReader{from: bufio.NewReader(file)}
	text, err := lines.next()
	if err != nil {
		return Run{}, fmt.Errorf("%s: its first line is missing: %w", path, err)
	}
	line, err := parse(text)
	if err != nil {
		return Run{}, fmt.Errorf("%s: line 1 is damaged: %w", path, err)
	}
	if line.Run == nil {
		return Run{}, fmt.Errorf("%s: this is no journal of a run", path)
	}
	return *line.Run, nil
}

// fold returns a run from its lines, and calls do for each that is not damaged.
func fold(r io.Reader, do func(Line) error) (Run, error) {
	var run Run
	ended := false
	damaged, all, err := each(r, func(line Line, _ int, _ int64) error {
		Apply(&run, line)
		ended = ended || line.End != nil
		return do(line)
	})
	if err != nil {
		return Run{}, err
	}
	run.FormatVersion, run.Damaged, run.DamagedLines = Format, damaged, all
	run.Run.Unfinished = !ended
	return run, nil
}

// each calls do with every complete line that is not damaged, its number from 1, and the offset of its end, until do
// returns an error. It returns the first damaged lines, at most mostDamaged, and how many there are.
func each(r io.Reader, do func(line Line, number int, end int64) error) (damaged []Damage, all int, _ error) {
	var (
		some, sums bool // a line was read; one had a checksum
		begun      bool
		lines      = lineReader{from: bufio.NewReader(r)}
	)
	for number := 1; ; number++ {
		text, err := lines.next()
		if errors.Is(err, io.EOF) { // what follows the last newline was cut off
			break
		}
		var line Line
		if err == nil {
			line, err = parse(text)
		}
		switch _, checked := split(text); {
		case err != nil && !errors.As(err, new(*damageError)):
			return nil, 0, err
		case err == nil && sums && !checked:
			err = errors.New("its checksum is missing")
		case err == nil && line.Run != nil && line.Run.FormatVersion != Format:
			return nil, 0, fmt.Errorf("it has format %d, and this command reads format %d: use the command that wrote it",
				line.Run.FormatVersion, Format)
		case err == nil && line.Run != nil && some:
			err = errors.New("it begins another run")
		case err == nil:
			sums = sums || checked
			if err := line.check(); err != nil {
				return nil, 0, fmt.Errorf("line %d: %w", number, err)
			}
			if err := do(line, number, lines.end); err != nil {
				return nil, 0, err
			}
			some, begun = true, begun || line.Run != nil
		}
		if err == nil {
			continue
		}
		if all++; all <= mostDamaged {
			damaged = append(damaged, Damage{number, err.Error()})
		}
	}
	switch {
	case !some && len(damaged) > 0:
		return nil, 0, fmt.Errorf("this is no journal of a run: %s", damaged[0])
	case !some, !begun && len(damaged) == 0:
		return nil, 0, errors.New("this is no journal of a run: its first line is missing")
	}
	return damaged, all, nil
}

// damageError is why a line cannot be used.
type damageError struct{ err error }

func (e *damageError) Error() string { return e.err.Error() }
func (e *damageError) Unwrap() error { return e.err }

// lineReader reads lines into one buffer.
type lineReader struct {
	from   *bufio.Reader
	buffer []byte
	end    int64 // offset of the end of the last line
}

// next returns the next line without its end, valid until the next call. A line without an end is io.EOF. One that is
// longer than longestLine is passed over.
func (l *lineReader) next() ([]byte, error) {
	l.buffer = l.buffer[:0]
	long := false
	for {
		part, err := l.from.ReadSlice('\n')
		l.end += int64(len(part))
		if !long {
			l.buffer = append(l.buffer, part...)
		}
		if len(l.buffer) > longestLine {
			l.buffer, long = nil, true
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return nil, err
		case long:
			return nil, &damageError{fmt.Errorf("it has more than %d MiB", longestLine>>20)}
		default:
			return bytes.TrimRight(l.buffer, "\r\n"), nil
		}
	}
}

// parse returns a line whose checksum is right. Versions up to 0.1 wrote no checksum. The error is a damageError.
func parse(text []byte) (Line, error) {
	content, checked := split(text)
	if checked && sum(content) != string(text[len(content)+len(sumKey):len(text)-len(sumEnd)]) {
		return Line{}, &damageError{errors.New("its checksum is wrong")}
	}
	var line Line
	if err := json.Unmarshal(text, &line); err != nil {
		return Line{}, &damageError{err}
	}
	if line.Run == nil && line.Image == nil && line.Stage == nil && line.Trial == nil &&
		line.Inputs == nil && line.Resume == nil && line.End == nil && line.Outputs == nil {
		return Line{}, &damageError{errors.New("it has none of the parts of a journal")}
	}
	return line, nil
}

// settings are those of the trial or the answer of a line.
func (l Line) settings() []Settings {
	var all []Settings
	if l.Trial != nil {
		all = append(all, l.Trial.Set)
	}
	if s := l.Stage; s != nil {
		for _, p := range []*Point{s.Found, s.Recommended} {
			if p != nil {
				all = append(all, Settings(*p))
			}
		}
		for _, d := range s.Disproved {
			all = append(all, Settings(d.Found), Settings(d.Recommended), Settings(d.At))
		}
		for _, level := range s.Levels {
			all = append(all, Settings(level.Found))
		}
	}
	return all
}

// check returns an error at words, and at values of settings, that this command does not
// know: an exit code, for one, would be a guess.
func (l Line) check() error {
	unknown := func(what, word string) error {
		return fmt.Errorf("it has the %s %q, which this command does not know: use the command that wrote it", what, word)
	}
	explained := func(r Reason) bool {
		return slices.ContainsFunc(Explanations, func(e Explanation) bool { return e.Reason == r })
	}
	for _, s := range l.settings() {
		for _, name := range slices.Sorted(maps.Keys(s.Vary)) {
			switch v := s.Vary[name].(type) {
			case string, float64, bool:
			default: // lists cannot be compared
				return unknown("value of the setting "+name, fmt.Sprint(v))
			}
		}
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
		for _, level := range s.Levels {
			if !slices.Contains(LevelNames, level.Name) {
				return unknown("level", string(level.Name))
			}
		}
	}
	return nil
}
