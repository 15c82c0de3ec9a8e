package http1

// bodyPrefix keeps the first bytes of a body. It copies them only if they
// arrive in more than one part.
type bodyPrefix struct {
	bytes    []byte
	buffer   []byte // memory for copies, reused for the next body
	inBuffer bool   // bytes is part of buffer
}

// add appends b up to a total of limit bytes.
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

// detach copies the kept bytes, because the caller will overwrite them.
func (w *bodyPrefix) detach() {
	if !w.inBuffer {
		w.buffer = append(w.buffer[:0], w.bytes...)
		w.bytes, w.inBuffer = w.buffer, true
	}
}

// release drops the kept bytes, and the buffer if it is large.
func (w *bodyPrefix) release() {
	if w.bytes = nil; cap(w.buffer) > maxRetained {
		w.buffer = nil
	}
}
