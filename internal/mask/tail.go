package mask

import (
	"strings"
	"sync"
)

// longestTail is how much a Tail keeps, in bytes.
const longestTail = 4 << 10

// Tail keeps the end of what is written to it, without secrets. It is safe for concurrent
// use.
type Tail struct {
	mask *Mask
	mu   sync.Mutex
	text []byte
}

// Tail returns an empty one.
func (m *Mask) Tail() *Tail { return &Tail{mask: m} }

// Write keeps what a secret at the cut needs besides. It returns no error.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - longestTail - t.mask.Reach(); over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

// String returns the end, without space around it.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(t.mask.CutFront(string(t.text), longestTail))
}
