package sample

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"plan/internal/units"
)

// block is memory of the process outside the Go heap.
type block []byte

// hold takes memory and touches every page of it. In small pages: a huge one
// would be charged whole.
func hold(size units.Bytes) (block, error) {
	if size <= 0 {
		return nil, nil
	}
	b, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("cannot take %s of memory: %w", size, err)
	}
	// A kernel without huge pages refuses the advice, and needs none.
	_ = unix.Madvise(b, unix.MADV_NOHUGEPAGE)
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i] = 1
	}
	return b, nil
}

func (b block) release() error {
	if b == nil {
		return nil
	}
	return unix.Munmap(b)
}
