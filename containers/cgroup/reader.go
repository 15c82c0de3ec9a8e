package cgroup

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"plan/containers"
	"plan/internal/units"
)

// Reader reads one group repeatedly. It keeps the files open, which costs a
// quarter of opening them each time. It is not safe for concurrent use.
type Reader struct {
	group       Group
	files       []openSource
	missing     []source // missing at the last attempt
	retriesLeft int      // attempts left to open them
	buffer      []byte
}

// fileRetries is the number of samples until a group must have all of its
// files: its controllers are set up one after the other.
const fileRetries = 100

type openSource struct {
	source
	file *os.File
}

// Open opens the group's files. It retries missing files with the next
// fileRetries samples. Only the file with the memory usage is required.
func Open(group Group) (*Reader, error) {
	all := sources1
	if group.hierarchy.Version == 2 {
		all = sources2
	}
	r := &Reader{group: group, missing: slices.Clone(all[1:]), retriesLeft: fileRetries, buffer: make([]byte, 16<<10)}
	if err := r.open(all[0]); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Reader) open(s source) error {
	file, err := os.Open(filepath.Join(r.group.dir(s.controller), s.name))
	if err == nil {
		r.files = append(r.files, openSource{s, file})
	}
	return err
}

// Read takes a sample. It fails when the group is gone.
func (r *Reader) Read() (containers.Usage, error) {
	if r.retriesLeft > 0 && len(r.missing) > 0 { // open the files that have appeared
		r.retriesLeft--
		r.missing = slices.DeleteFunc(r.missing, func(s source) bool { return r.open(s) == nil })
	}
	var f readings
	for _, s := range r.files {
		n, err := s.file.ReadAt(r.buffer, 0)
		if n == 0 && err != nil {
			return containers.Usage{}, err
		}
		s.parse(r.buffer[:n], &f)
	}
	return containers.Usage{
		At:               time.Now(),
		WorkingSet:       containers.WorkingSet(f.usage, f.inactive),
		Anonymous:        f.anonymous,
		Cache:            f.cache,
		MappedFile:       f.mapped,
		MajorFaults:      f.majorFaults,
		Refaults:         f.refaults,
		Peak:             f.peak,
		CPUSeconds:       f.cpu,
		Periods:          f.periods,
		ThrottledPeriods: f.throttledPeriods,
		ThrottledSeconds: f.throttled,
		OOMKills:         f.oomKills,
	}, nil
}

// Close closes all files.
func (r *Reader) Close() error {
	var err error
	for _, s := range r.files {
		err = errors.Join(err, s.file.Close())
	}
	return err
}

// Peak returns the highest memory usage of the group and its descendants,
// removed ones and page cache included; nil if the kernel does not record it.
func (g Group) Peak() *units.Bytes {
	name := "memory.peak"
	if g.hierarchy.Version == 1 {
		name = "memory.max_usage_in_bytes"
	}
	return parseBytes(g.text("memory", name))
}
