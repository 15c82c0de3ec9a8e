// Package lock lets a run say that it is alive: it holds an exclusive lock on
// a file for as long as its process lives, and anybody may ask whether it does.
//
// The kernel gives the lock up with the process, however that ended. The
// package knows nothing of runs, nor of what is in the file.
package lock

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrHeld says that another process, or another part of this one, has the lock.
var ErrHeld = errors.New("the lock is held by another process")

// Lock is a lock that this process holds.
type Lock struct{ file *os.File }

// Take makes the file, and the folders above it, where they are missing and
// locks it. It does not wait: a lock that is taken is ErrHeld.
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

// Release gives the lock up. The file stays: removing it would let two
// processes hold two files of one name.
func (l *Lock) Release() error { return l.file.Close() }

// Held says whether somebody holds the lock now. A file that is not there is
// held by nobody.
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
