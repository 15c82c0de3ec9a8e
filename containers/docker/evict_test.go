package docker

import (
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cached is how many pages of a file are in the page cache.
func cached(t *testing.T, path string) (pages int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	data, err := unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(data)
	vec := make([]byte, (len(data)+os.Getpagesize()-1)/os.Getpagesize())
	if _, _, fault := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)), uintptr(unsafe.Pointer(&vec[0]))); fault != 0 {
		t.Fatal(fault)
	}
	for _, page := range vec {
		pages += int(page & 1)
	}
	return pages
}

// written makes a file of 64 pages that is on the disk and in the page cache.
func written(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(make([]byte, 64*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	if err := file.Sync(); err != nil {
		t.Fatal(err)
	}
	if n := cached(t, path); n != 64 {
		t.Skipf("%d of 64 pages are cached after a write: this file system does not use the page cache", n)
	}
	return path
}

func TestOnlyRegularFilesBelowAFolderAreEvicted(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	inside, deeper := written(t, filepath.Join(dir, "a")), written(t, filepath.Join(dir, "sub", "b"))
	other, alone := written(t, filepath.Join(outside, "c")), written(t, filepath.Join(outside, "d"))
	for link, target := range map[string]string{"to-file": other, "to-folder": outside} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil { // opening it to read would wait
		t.Fatal(err)
	}
	evictBelow(t.Context(), dir)
	evictBelow(t.Context(), alone)
	evictBelow(t.Context(), filepath.Join(dir, "not there"))
	for path, want := range map[string]int{inside: 0, deeper: 0, alone: 0, other: 64} {
		if got := cached(t, path); got != want {
			t.Errorf("%d pages of %s are cached, want %d", got, path, want)
		}
	}
}
