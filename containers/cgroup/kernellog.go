package cgroup

import (
	"errors"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// KernelLog reads the kernel's own words about out-of-memory kills, from the
// moment it was opened on. It is safe for concurrent use.
type KernelLog struct {
	mu    sync.Mutex
	fd    int
	kills []string // lines that name the killed task's control group
}

// OpenKernelLog begins at the log's end. Only who may read /dev/kmsg can.
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

// Kill is the first line about a task that was killed for memory in a control
// group whose path contains id; "" when there is none.
func (k *KernelLog) Kill(id string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.readNew()
	for _, line := range k.kills {
		if strings.Contains(line, id) {
			return line
		}
	}
	return ""
}

// readNew reads what was logged since the last time. Every read gives one
// record; EPIPE says that older ones were overwritten, and the next follow.
func (k *KernelLog) readNew() {
	buffer := make([]byte, 8<<10)
	for {
		n, err := unix.Read(k.fd, buffer)
		switch {
		case errors.Is(err, unix.EPIPE), errors.Is(err, unix.EINTR):
			continue
		case err != nil, n == 0:
			return
		}
		if line, ok := parseKillLine(string(buffer[:n])); ok {
			k.kills = append(k.kills, line)
		}
	}
}

// parseKillLine takes the message out of a record of /dev/kmsg, if it is the one
// that names the control group of a task killed for memory.
func parseKillLine(record string) (string, bool) {
	_, text, ok := strings.Cut(record, ";")
	text, _, _ = strings.Cut(text, "\n")
	return text, ok && strings.HasPrefix(text, "oom-kill:") && strings.Contains(text, "task_memcg=")
}

// Close gives the descriptor back.
func (k *KernelLog) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return unix.Close(k.fd)
}
