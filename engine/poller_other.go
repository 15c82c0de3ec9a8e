//go:build !linux

package engine

import (
	"errors"
	"runtime"
)

// newPoller is of no avail: this system has no epoll.
func newPoller() (sockets, error) { return nil, errors.ErrUnsupported }

// takeThread gives the calling goroutine a thread of its own.
func takeThread() { runtime.LockOSThread() }
