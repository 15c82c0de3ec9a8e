package http1

// bodyPrefix keeps the first bytes of a body. They are copied only when they do
// not come in one piece with the rest of the answer.
type bodyPrefix struct {
	bytes    []byte
	buffer   []byte // where copies go, used again for the next body
	inBuffer bool   // bytes is in own
}

// add keeps as much of b as the limit lets in.
func (w *bodyPrefix) add(b []byte, limit int) {
	b = b[:min(len(b), limit-len(w.bytes))]
	switch {
	case len(b) == 0:
	case len(w.bytes) == 0:
		w.bytes, w.inBuffer = b, false
	default:
		w.detach()
		w.buffer = append(w.buffer, b...)
		w.bytes = w.buffer
	}
}

// detach copies what was kept, since the memory it came in is about to change.
func (w *bodyPrefix) detach() {
	if !w.inBuffer {
		w.buffer = append(w.buffer[:0], w.bytes...)
		w.bytes, w.inBuffer = w.buffer, true
	}
}

// release forgets what was kept, and its memory where that is much.
func (w *bodyPrefix) release() {
	if w.bytes = nil; cap(w.buffer) > maxRetained {
		w.buffer = nil
	}
}
