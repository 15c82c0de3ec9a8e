package images

import (
	"fmt"
	"strings"
	"time"
)

const (
	progressEvery = time.Second     // the least time between two lines
	rateOver      = 5 * time.Second // the rate is the mean of this time
)

// transfer sums up the progress of an image's layers, and prints it as a line.
type transfer struct {
	title   string // "pushing user/api:latest"
	print   func(string)
	layers  map[string]layer // by id
	last    time.Time        // of the last line
	samples []sample         // of the last rateOver, oldest first
}

// layer is the progress of one layer. Bytes are uncompressed in a push, and
// compressed in a pull.
type layer struct {
	moved, size   int64 // bytes; size is 0 while unknown
	done, existed bool  // there: the layer existed before
	state         string
}

// sample is how many bytes had moved at a time.
type sample struct {
	at    time.Time
	moved int64 // bytes
}

// newTransfer returns a transfer that prints with tell, which may be nil. It prints
// the first line at once.
func newTransfer(doing string, tell func(string)) *transfer {
	if tell == nil {
		tell = func(string) {}
	}
	tell(doing)
	now := time.Now()
	return &transfer{title: doing, print: tell, layers: map[string]layer{}, last: now, samples: []sample{{at: now}}}
}

// update updates the layers from a line of the stream, and prints a line if
// progressEvery has passed.
func (t *transfer) update(line streamLine) {
	if line.ID == "" || strings.HasPrefix(line.Status, "Pulling from ") { // its id is the tag
		return
	}
	l := t.layers[line.ID]
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
		l.done, l.existed = true, true
	default:
		l.done = strings.HasPrefix(line.Status, "Mounted from ") // the registry has it elsewhere
		l.existed = l.done
	}
	t.layers[line.ID] = l
	if now := time.Now(); now.Sub(t.last) >= progressEvery {
		t.last = now
		t.print(t.text(t.rate(now)))
	}
}

// finish prints the last line.
func (t *transfer) finish() {
	if len(t.layers) > 0 {
		t.print(t.text(0))
	}
}

// rate returns the bytes per second over the last rateOver.
func (t *transfer) rate(now time.Time) float64 {
	moved, _, _ := t.bytes()
	for len(t.samples) > 1 && now.Sub(t.samples[0].at) > rateOver {
		t.samples = t.samples[1:]
	}
	t.samples = append(t.samples, sample{now, moved})
	first := t.samples[0]
	if now == first.at {
		return 0
	}
	return float64(moved-first.moved) / now.Sub(first.at).Seconds()
}

// bytes returns the bytes that have moved and those of all known sizes. open is
// whether some layers have no known size yet.
func (t *transfer) bytes() (moved, size int64, open bool) {
	for _, l := range t.layers {
		moved += l.moved
		size += l.size
		open = open || (l.size == 0 && !l.done)
	}
	return moved, size, open
}

// text returns the line: layers done of all, bytes of all, rate.
func (t *transfer) text(rate float64) string {
	done, there := t.count(func(l layer) bool { return l.done }), t.count(func(l layer) bool { return l.existed })
	parts := []string{fmt.Sprintf("%d of %d layers", done, len(t.layers))}
	if there == len(t.layers) {
		parts = append(parts, "nothing new")
	}
	moved, size, open := t.bytes()
	if size > 0 {
		parts = append(parts, bytesOfTotal(moved, size, open))
	}
	if rate > 0 {
		parts = append(parts, decimal(rate, rate)+" "+decimalUnit(rate).name+"/s")
	}
	if t.count(func(l layer) bool { return l.state == "Extracting" }) > 0 {
		parts = append(parts, "unpacking")
	}
	if t.count(func(l layer) bool { return strings.HasPrefix(l.state, "Retrying") }) > 0 {
		parts = append(parts, "trying again")
	}
	return t.title + ": " + strings.Join(parts, ", ")
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

// bytesOfTotal returns "120 of 439 MB", with a plus where sizes are still unknown.
func bytesOfTotal(moved, size int64, open bool) string {
	more := ""
	if open {
		more = "+"
	}
	whole := float64(size)
	return fmt.Sprintf("%s of %s%s %s", decimal(float64(moved), whole), decimal(whole, whole), more,
		decimalUnit(whole).name)
}

// unit is a decimal unit of bytes, as the docker command prints them.
type unit struct {
	name   string
	bytes  float64
	places int
}

// decimalUnit returns the unit for a number of bytes.
func decimalUnit(bytes float64) unit {
	switch {
	case bytes >= 10e9:
		return unit{"GB", 1e9, 1}
	case bytes >= 1e6:
		return unit{"MB", 1e6, 0}
	}
	return unit{"kB", 1e3, 0}
}

// decimal returns a number of bytes in the unit for another number.
func decimal(bytes, suits float64) string {
	u := decimalUnit(suits)
	return fmt.Sprintf("%.*f", u.places, bytes/u.bytes)
}
