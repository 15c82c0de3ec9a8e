package compose

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestAMountedFIFOIsNotOpened: opening one waits for a writer, and opening a device may do something.
func TestAMountedFIFOIsNotOpened(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "x.yaml")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := os.OpenFile(fifo, os.O_RDWR, 0) // so that opening it does not wait, and the test ends
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	watch, err := syscall.InotifyInit1(syscall.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(watch)
	if _, err := syscall.InotifyAddWatch(watch, fifo, syscall.IN_OPEN); err != nil {
		t.Fatal(err)
	}
	file := composeFile(t, "services: {a: {image: x, ports: ['80'], volumes: ['"+fifo+":/x.yaml']}}")
	if _, err := Convert(t.Context(), Options{Files: []string{file}, Output: "-"}); err != nil {
		t.Error(err)
	}
	if _, err := syscall.Read(watch, make([]byte, 256)); !errors.Is(err, syscall.EAGAIN) {
		t.Errorf("it was opened (%v)", err)
	}
}
