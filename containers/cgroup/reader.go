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

// Reader reads one group again and again through descriptors that it keeps
// open, which costs a quarter of opening the files each time. It is not for
// concurrent use.
type Reader struct {
	group       Group
	files       []openSource
	missing     []source // not there when last looked
	retriesLeft int      // that are left for them
	buffer      []byte
}

// fileRetries is how many samples may pass until a group has all of its files: its
// controllers are set up one after the other.
const fileRetries = 100

type openSource struct {
	source
	file *os.File
}

// Open opens the group's files. Those that are not there are looked for again
// with the first samples, and then left out; without the memory in use there
// is no reading.
func Open(group Group) (*Reader, error) {
	all := sources(group.hierarchy.Version)
	r := &Reader{group: group, missing: all[1:], retriesLeft: fileRetries, buffer: make([]byte, 16<<10)}
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

// openMissing opens the files that have come since.
func (r *Reader) openMissing() {
	if r.retriesLeft == 0 || len(r.missing) == 0 {
		return
	}
	r.retriesLeft--
	r.missing = slices.DeleteFunc(r.missing, func(s source) bool { return r.open(s) == nil })
}

// Read takes a sample. It fails once the group is gone.
func (r *Reader) Read() (containers.Usage, error) {
	r.openMissing()
	var f readings
	for _, s := range r.files {
		n, err := s.file.ReadAt(r.buffer, 0)
		if n == 0 && err != nil {
			return containers.Usage{}, err
		}
		s.parse(r.buffer[:n], &f)
	}
	usage := f.toUsage()
	usage.At = time.Now()
	return usage, nil
}

// Close gives the descriptors back.
func (r *Reader) Close() error {
	var err error
	for _, s := range r.files {
		err = errors.Join(err, s.file.Close())
	}
	return err
}

// Peak is the most memory that the group and all below it ever used, page
// cache included; nil where the kernel does not count it. It counts what the
// groups below it used while they lived.
func (g Group) Peak() *units.Bytes {
	name := "memory.peak"
	if g.hierarchy.Version == 1 {
		name = "memory.max_usage_in_bytes"
	}
	text, err := os.ReadFile(filepath.Join(g.dir("memory"), name))
	if err != nil {
		return nil
	}
	return parseBytes(text)
}
