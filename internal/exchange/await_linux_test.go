package exchange

import (
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// awaitEnd waits until the other side's end has come, and reads nothing.
func awaitEnd(t *testing.T, c *net.TCPConn) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); time.Sleep(ms) {
		ended := false
		raw.Control(func(fd uintptr) {
			fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
			n, err := unix.Poll(fds, 0)
			ended = n > 0 && err == nil
		})
		if ended {
			return
		}
	}
	t.Fatal("the other side has not ended")
}
