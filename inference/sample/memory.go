package sample

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"plan/internal/units"
)

// memorySize returns the memory to allocate at the start. It depends on the
// memory limit of the control group at root, as with runtimes that size
// themselves by it.
func (c Config) memorySize(root string) units.Bytes {
	limit := units.Bytes(math.MaxInt64) // of a control group of version 1 or 2
	for _, name := range []string{"memory/memory.limit_in_bytes", "memory.max"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if n, invalid := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && invalid == nil {
			limit = units.Bytes(n)
			break
		}
	}
	if c.LargeFrom > 0 && limit >= c.LargeFrom {
		return c.LargeMemory
	}
	return c.Memory
}

// block is memory outside the Go heap.
type block []byte

// allocate allocates memory and touches every page. It uses small pages,
// because the kernel charges huge ones as a whole.
func allocate(size units.Bytes) (block, error) {
	if size <= 0 {
		return nil, nil
	}
	b, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("cannot allocate %s of memory: %w", size, err)
	}
	// A kernel without huge pages rejects the advice, which is fine.
	_ = unix.Madvise(b, unix.MADV_NOHUGEPAGE)
	// One call, where the kernel has it (Linux 5.14), so that no code is read from the disk between two pages. At a limit
	// that is nearly used up, the kernel would take that code away again and again, for seconds before it kills.
	if unix.Madvise(b, unix.MADV_POPULATE_WRITE) == nil {
		return b, nil
	}
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i] = 1
	}
	return b, nil
}

// writeShared writes so much memory to a file in a folder of shared memory, such as
// /dev/shm, and removes its name. The memory is held until the file is closed.
func writeShared(dir string, size units.Bytes) (*os.File, error) {
	file, err := os.CreateTemp(dir, "plan-sample-")
	if err != nil {
		return nil, err
	}
	var page [64 << 10]byte
	for left := size; err == nil && left > 0; left -= units.Bytes(len(page)) {
		_, err = file.Write(page[:min(left, units.Bytes(len(page)))])
	}
	if err = errors.Join(err, os.Remove(file.Name())); err != nil {
		file.Close()
		return nil, fmt.Errorf("cannot share %s of memory: %w", size, err)
	}
	return file, nil
}

func (b block) release() error {
	if b == nil {
		return nil
	}
	return unix.Munmap(b)
}
