package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// FileName is the name of the journal in the folder of a run.
const FileName = "journal.jsonl"

// Writer appends lines to the journal of a run. It is safe for concurrent use.
type Writer struct {
	filter *Filter
	mu     sync.Mutex
	file   file
	ends   []int64 // of the complete lines
	path   string
}

// file is the part of os.File that a journal needs.
type file interface {
	WriteAt([]byte, int64) (int, error)
	Truncate(int64) error
	Sync() error
	Close() error
}

// Create creates the journal in dir, which must exist. It returns an error where
// there is one. Secrets are never written.
func Create(dir string, secrets []string) (*Writer, error) {
	path := filepath.Join(dir, FileName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("the journal cannot be created: %w", err)
	}
	return &Writer{filter: NewFilter(secrets), file: f, path: path}, nil
}

// Open opens the journal of a run that was cut off, to write on after its complete
// lines, which it returns. Damaged lines at its end count as cut off; a damaged line
// before others is an error, since trials may be missing.
func Open(dir string, secrets []string) (*Writer, []Line, error) {
	path := filepath.Join(dir, FileName)
	f, err := open(path, os.O_RDWR)
	if err != nil {
		return nil, nil, fmt.Errorf("the journal cannot be opened: %w", err)
	}
	w := &Writer{filter: NewFilter(secrets), file: f, path: path}
	var all []Line
	last := 0 // number of the last line that is not damaged
	damaged, _, err := each(f, func(line Line, number int, end int64) error {
		all, w.ends, last = append(all, line), append(w.ends, end), number
		return nil
	})
	if err == nil && len(damaged) > 0 && damaged[0].Line < last {
		err = fmt.Errorf("the run cannot be resumed: %s", damaged[0])
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return w, all, nil
}

// size returns the size of the complete lines.
func (w *Writer) size() int64 {
	if len(w.ends) == 0 {
		return 0
	}
	return w.ends[len(w.ends)-1]
}

// Keep removes all lines but the first n.
func (w *Writer) Keep(n int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = w.ends[:n]
	if err := errors.Join(w.file.Truncate(w.size()), w.file.Sync()); err != nil {
		return fmt.Errorf("the journal cannot be continued: %w", err)
	}
	return nil
}

// Path returns the path of the journal.
func (w *Writer) Path() string { return w.path }

// Append writes a line without secrets, and returns it as written. The line is on
// disk when Append returns. After an error the file has the lines before,
// complete.
func (w *Writer) Append(line Line) (Line, error) {
	line = w.filter.Line(line)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line); err != nil {
		return line, fmt.Errorf("the journal's next line cannot be written as JSON: %w", err)
	}
	written := withSum(bytes.TrimRight(text.Bytes(), "\n"))
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.file.WriteAt(written, w.size())
	if err == nil {
		err = w.file.Sync()
	}
	switch {
	case err == nil:
		w.ends = append(w.ends, w.size()+int64(len(written)))
		return line, nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		err = fmt.Errorf("the disk is full, so the journal %s cannot be continued: free some space, "+
			"and run again (its earlier lines are complete): %w", w.path, err)
	default:
		err = fmt.Errorf("the journal cannot be continued (its earlier lines are complete): %w", err)
	}
	return line, errors.Join(err, w.file.Truncate(w.size()))
}

// Close closes the file.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.file.Close()
}
