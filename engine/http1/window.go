package http1

// window keeps the first bytes of a body. They are copied only when they do
// not come in one piece with the rest of the answer.
type window struct {
	bytes []byte
	own   []byte // where copies go, used again for the next body
	owned bool   // bytes is in own
}

// add keeps as much of b as the limit lets in.
func (w *window) add(b []byte, limit int) {
	b = b[:min(len(b), limit-len(w.bytes))]
	switch {
	case len(b) == 0:
	case len(w.bytes) == 0:
		w.bytes, w.owned = b, false
	default:
		w.detach()
		w.own = append(w.own, b...)
		w.bytes = w.own
	}
}

// detach copies what was kept, since the memory it came in is about to change.
func (w *window) detach() {
	if !w.owned {
		w.own = append(w.own[:0], w.bytes...)
		w.bytes, w.owned = w.own, true
	}
}

// release forgets what was kept, and its memory where that is much.
func (w *window) release() {
	if w.bytes = nil; cap(w.own) > maxKept {
		w.own = nil
	}
}
