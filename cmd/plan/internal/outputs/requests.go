package outputs

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"plan/cmd/plan/internal/runs"
	"plan/engine"
	"plan/plans"
	"plan/report/formats"
	"plan/runner"
	"plan/runner/journal"
)

// Requests writes the requests of loads as lines, while the run goes on. Texts of
// secrets are replaced. It is safe for concurrent use.
type Requests struct {
	mu     sync.Mutex
	filter *journal.Filter
	file   *os.File
	out    *bufio.Writer
	err    error // the first; nothing is written after it
}

// newRequests creates the file. Of one that is there, it keeps the lines of the trials
// that are kept, up to the first other one.
func newRequests(path string, secrets []string, keeps func(trial string) bool) (*Requests, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err == nil {
		err = continueAt(file, keeps)
	}
	if err != nil {
		return nil, fmt.Errorf("--report requests=%s: %w", path, err)
	}
	return &Requests{filter: journal.NewFilter(secrets), file: file, out: bufio.NewWriterSize(file, 1<<20)}, nil
}

// continueAt cuts a file behind the last line that is kept, and goes there. Something
// else than a file, such as a pipe, is not read.
func continueAt(file *os.File, keeps func(trial string) bool) error {
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	kept, last := int64(0), ""
	for lines := bufio.NewReaderSize(file, 1<<20); ; {
		line, err := lines.ReadSlice('\n')
		trial, is := formats.TrialOfRequest(line)
		if err != nil || !is || trial != last && !keeps(trial) { // also a line that was cut off
			break
		}
		kept, last = kept+int64(len(line)), trial
	}
	if err := file.Truncate(kept); err != nil {
		return err
	}
	_, err := file.Seek(kept, io.SeekStart)
	return err
}

// RecordExchanges writes the requests of one second, sorted by their start.
func (f *Requests) RecordExchanges(load runner.ExchangeLoad, ended []engine.Exchange) {
	slices.SortFunc(ended, func(a, b engine.Exchange) int { return cmp.Compare(a.Began, b.Began) })
	f.mu.Lock()
	defer f.mu.Unlock()
	var line bytes.Buffer
	for _, e := range ended {
		if f.err != nil {
			return
		}
		line.Reset()
		if f.err = formats.RequestLine(&line, load, e); f.err == nil {
			_, f.err = f.out.WriteString(f.filter.Text(line.String()))
		}
	}
	f.err = cmp.Or(f.err, f.out.Flush()) // people follow the file
}

// Close closes the file and returns the first error.
func (f *Requests) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return cmp.Or(f.err, f.file.Close())
}

// OpenRequests creates the file of requests if one is asked for, and prints which loads
// have no lines in it; nil where none is. That of a run that is resumed keeps the lines
// of its trials.
func OpenRequests(
	stderr io.Writer, p *plans.Plan, files []File[journal.Run], earlier *runs.Earlier,
) (*Requests, error) {
	i := slices.IndexFunc(files, func(f File[journal.Run]) bool { return f.Format.Live })
	if i < 0 {
		return nil, nil
	}
	for _, stage := range withoutRequests(p) {
		fmt.Fprintf(stderr, "%s has no lines of the requests of %s: Locust sends them\n", files[i].Place, stage)
	}
	return newRequests(files[i].Place, p.Secrets, earlier.HasTrial)
}

// withoutRequests lists the stages whose loads have no lines, since another driver sends
// them.
func withoutRequests(p *plans.Plan) []string {
	var stages []string
	for _, s := range p.Stages {
		if s.Load != nil && s.Load.Driver != nil {
			stages = append(stages, s.Address)
		}
	}
	return stages
}
