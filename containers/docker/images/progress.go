package images

import (
	"fmt"
	"strings"
	"time"
)

const (
	progressEvery = time.Second     // a line of progress is worth reading
	rateOver      = 5 * time.Second // the rate is that of the last seconds
)

// transfer sums up what the engine tells of an image's layers on their way, and
// tells it on now and then.
type transfer struct {
	doing  string // "pushing user/api:latest"
	tell   func(string)
	layers map[string]layer // by id
	last   time.Time        // when it was told
	marks  []mark           // of the last seconds, oldest first
}

// layer is one layer on its way. Bytes are those before a push packs them, and
// those after a registry packed them.
type layer struct {
	moved, size int64 // bytes; size is 0 until it is known
	done, there bool  // there: it was there before
	state       string
}

// mark is how much had moved at a moment.
type mark struct {
	at    time.Time
	moved int64 // bytes
}

// newTransfer tells lines to tell, which may be nil; the first one at once.
func newTransfer(doing string, tell func(string)) *transfer {
	if tell == nil {
		tell = func(string) {}
	}
	tell(doing)
	now := time.Now()
	return &transfer{doing: doing, tell: tell, layers: map[string]layer{}, last: now, marks: []mark{{at: now}}}
}

// take learns from a line, and tells what is known if the last time is long
// enough ago.
func (t *transfer) take(line streamLine) {
	if line.ID == "" || strings.HasPrefix(line.Status, "Pulling from ") { // there the id is the tag
		return
	}
	t.layers[line.ID] = t.layers[line.ID].after(line)
	if now := time.Now(); now.Sub(t.last) >= progressEvery {
		t.last = now
		t.tell(t.text(t.rate(now)))
	}
}

// end tells how it ended.
func (t *transfer) end() {
	if len(t.layers) > 0 {
		t.tell(t.text(0))
	}
}

// after is the layer once a line was told of it.
func (l layer) after(line streamLine) layer {
	l.state = line.Status
	switch line.Status {
	case "Pushing", "Downloading":
		if line.Detail.Total > 0 {
			l.moved, l.size = min(line.Detail.Current, line.Detail.Total), line.Detail.Total
		}
	case "Verifying Checksum", "Download complete", "Extracting":
		l.moved = l.size
	case "Pushed", "Pull complete":
		l.moved, l.done = l.size, true
	case "Layer already exists", "Already exists":
		l.done, l.there = true, true
	default:
		l.done = strings.HasPrefix(line.Status, "Mounted from ") // the registry has it elsewhere
		l.there = l.done
	}
	return l
}

// rate is the bytes per second of the last seconds.
func (t *transfer) rate(now time.Time) float64 {
	moved, _, _ := t.bytes()
	for len(t.marks) > 1 && now.Sub(t.marks[0].at) > rateOver {
		t.marks = t.marks[1:]
	}
	t.marks = append(t.marks, mark{now, moved})
	first := t.marks[0]
	if now == first.at {
		return 0
	}
	return float64(moved-first.moved) / now.Sub(first.at).Seconds()
}

// bytes are those moved and those known to move; open says that there are
// layers whose size is not known yet.
func (t *transfer) bytes() (moved, size int64, open bool) {
	for _, l := range t.layers {
		moved += l.moved
		size += l.size
		open = open || (l.size == 0 && !l.done)
	}
	return moved, size, open
}

// text is one line: layers done of all, bytes of bytes, rate.
func (t *transfer) text(rate float64) string {
	done, there := t.count(func(l layer) bool { return l.done }), t.count(func(l layer) bool { return l.there })
	parts := []string{fmt.Sprintf("%d of %d layers", done, len(t.layers))}
	if there == len(t.layers) {
		parts = append(parts, "nothing new")
	}
	moved, size, open := t.bytes()
	if size > 0 {
		parts = append(parts, ofBytes(moved, size, open))
	}
	if rate > 0 {
		parts = append(parts, decimal(rate, rate)+" "+decimalUnit(rate).name+"/s")
	}
	return t.doing + ": " + strings.Join(append(parts, t.hitches()...), ", ")
}

func (t *transfer) count(is func(layer) bool) int {
	n := 0
	for _, l := range t.layers {
		if is(l) {
			n++
		}
	}
	return n
}

// hitches are what keeps layers besides their way.
func (t *transfer) hitches() []string {
	var parts []string
	if t.count(func(l layer) bool { return l.state == "Extracting" }) > 0 {
		parts = append(parts, "unpacking")
	}
	if t.count(func(l layer) bool { return strings.HasPrefix(l.state, "Retrying") }) > 0 {
		parts = append(parts, "trying again")
	}
	return parts
}

// ofBytes is "120 of 439 MB", with a plus where more will come to be known.
func ofBytes(moved, size int64, open bool) string {
	more := ""
	if open {
		more = "+"
	}
	whole := float64(size)
	return fmt.Sprintf("%s of %s%s %s", decimal(float64(moved), whole), decimal(whole, whole), more, decimalUnit(whole).name)
}

// unit is one of those in which docker tells what moves.
type unit struct {
	name   string
	bytes  float64
	places int
}

// decimalUnit is the one in which a number of bytes reads best.
func decimalUnit(bytes float64) unit {
	switch {
	case bytes >= 10e9:
		return unit{"GB", 1e9, 1}
	case bytes >= 1e6:
		return unit{"MB", 1e6, 0}
	}
	return unit{"kB", 1e3, 0}
}

// decimal is a number of bytes in the unit that suits another number.
func decimal(bytes, suits float64) string {
	u := decimalUnit(suits)
	return fmt.Sprintf("%.*f", u.places, bytes/u.bytes)
}
