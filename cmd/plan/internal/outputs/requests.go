package outputs

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"plan/cmd/plan/internal/runs"
	"plan/engine"
	"plan/internal/lock"
	"plan/plans"
	"plan/report/formats"
	"plan/runner"
	"plan/runner/journal"
)

// Requests writes the requests of loads as lines to files, while the run goes on. Texts
// of secrets are replaced. It is safe for concurrent use.
type Requests struct {
	mu     sync.Mutex
	filter *journal.Filter
	paths  []string
	keeps  func(trial string) bool
	files  []*os.File // one for each path, once the run has begun
	out    *bufio.Writer
	err    error // the first; nothing is written after it
}

func newRequests(paths, secrets []string, keeps func(trial string) bool) *Requests {
	return &Requests{filter: journal.NewFilter(secrets), paths: paths, keeps: keeps}
}

// Open creates the files when the run begins: until then those of the last run stay. Of
// one that is there, it keeps the lines of the trials that are kept, up to the first
// other one. A file that another run writes to is refused, unchanged.
func (f *Requests) Open() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []io.Writer
	for _, path := range f.paths {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if err == nil {
			f.files = append(f.files, file)
			err = continueAt(file, path, f.keeps)
		}
		if err != nil {
			return fmt.Errorf("report of requests: %w", errors.Join(err, f.closeFiles()))
		}
		all = append(all, file)
	}
	f.out = bufio.NewWriterSize(io.MultiWriter(all...), 1<<20)
	return nil
}

// continueAt locks a file, cuts it behind the last line that is kept, and goes there.
// Something else than a file, such as a pipe, is not read.
func continueAt(file *os.File, path string, keeps func(trial string) bool) error {
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	if err := lock.Hold(file); errors.Is(err, lock.ErrHeld) { // some file systems have no locks
		return fmt.Errorf("another run writes to %s: choose another path, or start when that run has ended", path)
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
	load = f.masked(load)
	for _, e := range ended {
		if f.err != nil {
			return
		}
		f.err = formats.RequestLine(f.out, load, e)
	}
	f.err = cmp.Or(f.err, f.out.Flush()) // people follow the file
}

// masked returns a load with the secrets in its texts replaced, as the journal has them.
// Keys, numbers and times stay as they are.
func (f *Requests) masked(load runner.ExchangeLoad) runner.ExchangeLoad {
	load.Trial = f.filter.Text(load.Trial)
	load.Addresses, load.Requests = slices.Clone(load.Addresses), slices.Clone(load.Requests)
	for i, address := range load.Addresses {
		load.Addresses[i] = f.filter.Text(address)
	}
	for i := range load.Requests {
		load.Requests[i].Name = f.filter.Text(load.Requests[i].Name)
	}
	return load
}

// Close closes the files and returns the first error.
func (f *Requests) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return cmp.Or(f.err, f.closeFiles())
}

func (f *Requests) closeFiles() error {
	var errs []error
	for _, file := range f.files {
		errs = append(errs, file.Close())
	}
	return errors.Join(errs...)
}

// RequestsOf returns what writes the files of requests that are asked for, and prints
// which loads have no lines in them; nil where none is. That of a run that is resumed
// keeps the lines of its trials.
func RequestsOf(stderr io.Writer, p *plans.Plan, files []File[journal.Run], earlier *runs.Earlier) *Requests {
	var paths []string
	for _, f := range files {
		if path := filepath.Clean(f.Place); f.Format.Live && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	if paths == nil {
		return nil
	}
	for _, stage := range withoutRequests(p) {
		fmt.Fprintf(stderr, "%s: no lines of the requests of %s: Locust sends them\n", strings.Join(paths, " and "),
			stage)
	}
	return newRequests(paths, p.Secrets, earlier.HasTrial)
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
