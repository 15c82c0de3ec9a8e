package cgroup

import (
	"errors"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// KernelLog reads the kernel's messages about out-of-memory kills that follow
// its opening. It is safe for concurrent use.
type KernelLog struct {
	mu    sync.Mutex
	fd    int
	kills []string // messages with the control group of the killed process
}

// OpenKernelLog opens the log at its end. It requires permission to read
// /dev/kmsg.
func OpenKernelLog() (*KernelLog, error) {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if _, err := unix.Seek(fd, 0, unix.SEEK_END); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &KernelLog{fd: fd}, nil
}

// Kill returns the first message about an out-of-memory kill in a control group
// whose path contains id; "" if there is none.
func (k *KernelLog) Kill(id string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	// Read the messages since the last call. Each read returns one record. EPIPE means
	// that records were overwritten; reading continues after them.
	buffer := make([]byte, 8<<10)
	for {
		n, err := unix.Read(k.fd, buffer)
		if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n == 0 {
			break
		}
		if line, ok := parseKillLine(string(buffer[:n])); ok {
			k.kills = append(k.kills, line)
		}
	}
	for _, line := range k.kills {
		if strings.Contains(line, id) {
			return line
		}
	}
	return ""
}

// parseKillLine returns the message of a /dev/kmsg record if it names the
// control group of a process that was killed for memory.
func parseKillLine(record string) (string, bool) {
	_, text, ok := strings.Cut(record, ";")
	text, _, _ = strings.Cut(text, "\n")
	return text, ok && strings.HasPrefix(text, "oom-kill:") && strings.Contains(text, "task_memcg=")
}

// Close closes the file descriptor.
func (k *KernelLog) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return unix.Close(k.fd)
}
