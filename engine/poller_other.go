//go:build !linux

package engine

import (
	"errors"
	"runtime"
)

// newPoller returns errors.ErrUnsupported: this system has no epoll.
func newPoller() (sockets, error) { return nil, errors.ErrUnsupported }

// lockThread locks the goroutine to its thread.
func lockThread() { runtime.LockOSThread() }
