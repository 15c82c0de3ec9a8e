package lang

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"plan/internal/english"
	"plan/plans/diag"
)

// The largest files beside a plan that are read, in bytes.
const (
	maxScript = 1 << 20  // of another driver, and of environment variables
	maxData   = 16 << 20 // a body, or a part of one
)

// resolvePath is where a file is that a plan names: relative to the plan's folder.
func (p *program) resolvePath(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	joined := filepath.Join(filepath.Dir(p.file), name)
	if absolute, err := filepath.Abs(joined); err == nil {
		return absolute
	}
	return joined
}

// content is what is in a file that the plan names. It may have so many bytes.
func (dec *decoder) content(name string, most int64, at hcl.Range) (data []byte, ok bool) {
	data, err := dec.program.read(name, most, dec.diags.sourceRange(at, ""))
	if err != nil {
		dec.diags.error("P0002", at, fmt.Sprintf("%s: %v", name, err), dec.program.unreadHelp(name, err))
	}
	return data, err == nil
}

// read returns what is in a file that the plan names. It is read only once: a run
// uses what the plan was checked with.
func (p *program) read(name string, most int64, at diag.SourceRange) (data []byte, err error) {
	path := p.resolvePath(name)
	if data, read := p.files[path]; read && int64(len(data)) <= most {
		return data, nil
	}
	// A device or a pipe could make a reader wait or never end.
	if info, statErr := os.Stat(path); statErr == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil, errors.New("it is a device or a pipe, not a file")
	}
	data, err = readFile(path, most)
	if err == nil {
		p.files[path] = data
		p.reads(path, at)
	}
	return data, err
}

// readVariables returns what is in a file of environment variables.
func (p *program) readVariables(name string, at diag.SourceRange) ([]byte, error) {
	p.private[p.resolvePath(name)] = true
	return p.read(name, maxScript, at)
}

// unreadHelp is what to do about a file that cannot be read; "" if that is not known.
func (p *program) unreadHelp(name string, err error) string {
	if !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	var files, alike []string // of the folder, and those that end like the name
	entries, _ := os.ReadDir(filepath.Dir(p.resolvePath(name)))
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		files = append(files, entry.Name())
		if filepath.Ext(entry.Name()) == filepath.Ext(name) {
			alike = append(alike, entry.Name())
		}
	}
	if near := english.Near(filepath.Base(name), files); near != "" {
		return fmt.Sprintf("did you mean %q?", filepath.Join(filepath.Dir(name), near))
	}
	if len(alike) > 0 && len(alike) <= 5 {
		return "the folder has: " + strings.Join(alike, ", ")
	}
	return "write a path relative to the folder of the plan"
}

// readFile reads a file that may have so many bytes.
func readFile(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("it is a directory, not a file")
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the file cannot be read: %w", cause(err))
	case int64(len(data)) > most:
		return nil, fmt.Errorf("the file has more than %d bytes", most)
	}
	return data, nil
}

// cause is an error without the path, which stands before it anyway.
func cause(err error) error {
	if p, ok := err.(*os.PathError); ok {
		return p.Err
	}
	return err
}
