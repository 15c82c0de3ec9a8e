package lang

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"plan/internal/english"
	"plan/plans"
)

// The largest files beside a plan that are read, in bytes.
const (
	maxScript = 1 << 20  // of another driver
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

// resolvePaths makes relative paths of volumes absolute.
func (p *program) resolvePaths(volumes []plans.Volume) []plans.Volume {
	var list []plans.Volume
	for _, v := range volumes {
		if v.Bind {
			v.Source = p.resolvePath(v.Source)
		}
		list = append(list, v)
	}
	return list
}

// content is what is in a file that the plan names. It is read only once: a
// run uses what the plan was checked with. It may have so many bytes.
func (dec *decoder) content(name string, most int64, at hcl.Range) (data []byte, ok bool) {
	path := dec.program.resolvePath(name)
	if data, read := dec.program.files[path]; read && int64(len(data)) <= most {
		return data, true
	}
	data, err := readRegular(path, most)
	if err != nil {
		dec.diags.error("P0002", at, fmt.Sprintf("%s: %v", name, err), fileHelp(name, path, err))
		return nil, false
	}
	dec.program.files[path] = data
	return data, true
}

// readRegular reads nothing that could make a reader wait or never end.
func readRegular(file string, most int64) ([]byte, error) {
	if info, err := os.Stat(file); err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("this is a device or a pipe, not a file")
	}
	return readFile(file, most)
}

// fileHelp names the file that was probably meant by one that is not there.
func fileHelp(name, path string, err error) string {
	if !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	there := filesIn(filepath.Dir(path))
	if near := english.Near(filepath.Base(name), there); near != "" {
		return fmt.Sprintf("did you mean %q?", filepath.Join(filepath.Dir(name), near))
	}
	alike := slices.DeleteFunc(there, func(other string) bool { return filepath.Ext(other) != filepath.Ext(name) })
	if len(alike) == 0 || len(alike) > 5 {
		return "the name is relative to the plan's folder"
	}
	return "there are: " + strings.Join(alike, ", ")
}

// filesIn lists the files of a folder by name.
func filesIn(folder string) []string {
	entries, _ := os.ReadDir(folder)
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}

// readFile reads a file that may have so many bytes.
func readFile(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("this is a directory, not a file")
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
