package http1

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// FuzzAgainstNetHTTP compares any stream, in any split, with net/http.
func FuzzAgainstNetHTTP(f *testing.F) {
	for _, c := range cases {
		if len(c.wire) < 1<<10 { // long ones are only slow
			f.Add(c.wire, c.head, uint(len(c.wire)/2))
		}
	}
	f.Fuzz(agree)
}

// FuzzSplicedAgainstNetHTTP uses streams made of lines of the cases, which
// reach deeper than random bytes.
func FuzzSplicedAgainstNetHTTP(f *testing.F) {
	for seed := range uint64(2000) {
		f.Add(seed)
	}
	fields, others := lines()
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		wire := splice(random, fields, others)
		agree(t, wire, random.IntN(8) == 0, random.Uint())
	})
}

// lines returns the lines of the cases: those with a colon, and the others.
func lines() (fields, others []string) {
	for _, c := range cases {
		if len(c.wire) >= 1<<10 {
			continue
		}
		for line := range strings.Lines(c.wire) {
			if strings.Contains(line, ":") {
				fields = append(fields, line)
			} else {
				others = append(others, line)
			}
		}
	}
	return fields, others
}

// splice returns a stream of a status line, a header and other lines, with some
// bytes replaced, added or removed.
func splice(random *rand.Rand, fields, others []string) string {
	starts := []string{ok, ok + "Transfer-Encoding: chunked\r\n", "HTTP/1.0 200 OK\r\n", "HTTP/1.1 404 Not Found\n"}
	wire := []byte(starts[random.IntN(len(starts))])
	for range random.IntN(4) {
		wire = append(wire, fields[random.IntN(len(fields))]...)
	}
	wire = append(wire, "\r\n"...)
	for range random.IntN(8) {
		wire = append(wire, others[random.IntN(len(others))]...)
	}
	for range max(0, random.IntN(5)-2) {
		const odd = " \t\r\n:;,-+019afzAZ\x00\x7f\xff"
		at, cut := random.IntN(len(wire)), random.IntN(2)
		add := []byte(odd)[random.IntN(len(odd)):][:random.IntN(2)]
		wire = slices.Replace(wire, at, at+cut, add...)
	}
	return string(wire)
}

// agree parses a stream in one piece, in two and byte by byte, and compares
// with net/http.
func agree(t *testing.T, wire string, head bool, cut uint) {
	var p Parser
	ours := parse(&p, wire, head)
	compare(t, wire, ours, netHTTP(wire, head))
	bytewise := make([]int, len(wire))
	for i := range bytewise {
		bytewise[i] = i
	}
	at := int(cut % uint(len(wire)+1))
	for _, cuts := range [][]int{bytewise, {at}} {
		if got := parse(&p, wire, head, cuts...); got != ours {
			t.Errorf("%q\n      in %d pieces %+v\nin one piece %+v", wire, len(cuts)+1, got, ours)
		}
	}
}
