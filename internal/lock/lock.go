// Package lock shows whether a run is alive: the run holds an exclusive lock on
// a file as long as its process lives, and other processes can test the lock.
//
// The kernel releases the lock when the process ends. The package knows nothing
// of runs or of the contents of the file.
package lock

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrHeld means that another process, or another part of this one, has the
// lock.
var ErrHeld = errors.New("the lock is held by another process")

// Lock is a lock that this process holds.
type Lock struct{ file *os.File }

// Take creates the file and its parent folders, unless they exist, and locks
// the file. It does not wait: if the lock is held, it returns ErrHeld.
func Take(path string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := flock(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Lock{file: file}, nil
}

// Hold locks a file that is open, until it is closed. It does not wait: if the lock is held, it returns ErrHeld.
func Hold(file *os.File) error { return flock(file) }

// Release releases the lock. It does not remove the file: then two processes
// could hold locks on two files of the same name.
func (l *Lock) Release() error { return l.file.Close() }

// Held reports whether the lock is held. The lock of a missing file is free.
func Held(path string) (bool, error) {
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	}
	defer file.Close()
	err = flock(file)
	if errors.Is(err, ErrHeld) {
		return true, nil
	}
	return false, err
}

func flock(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrHeld
	}
	return err
}
