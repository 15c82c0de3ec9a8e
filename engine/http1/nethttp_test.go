package http1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// theirs is net/http's result for a stream that Transport reads to its end, in
// the terms of this package.
type theirs struct {
	outcome
	answered bool  // the header of the final response was complete and valid
	err      error // net/http's error
}

// netHTTP parses a stream as Transport does: it skips informational responses,
// and 101 is final.
func netHTTP(wire string, head bool) theirs {
	request := &http.Request{Method: "GET"}
	if head {
		request.Method = "HEAD"
	}
	stream := strings.NewReader(wire)
	buffered := bufio.NewReader(stream)
	response, err := http.ReadResponse(buffered, request)
	for err == nil && response.StatusCode/100 == 1 && response.StatusCode != 101 {
		response, err = http.ReadResponse(buffered, request)
	}
	if err != nil {
		return theirs{outcome{err: headerError(wire, err)}, false, err}
	}
	body, err := io.ReadAll(response.Body)
	extra := stream.Len() + buffered.Buffered()
	o := outcome{err: bodyError(err), status: response.StatusCode, body: string(body)}
	if err == nil {
		o.extra = extra
		o.again = !response.Close && response.StatusCode > 199 && extra == 0
	}
	return theirs{o, true, err}
}

// headerError maps an error of http.ReadResponse.
func headerError(wire string, err error) error {
	switch {
	case wire == "":
		return ErrNoAnswer
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ErrShortHeader
	}
	return ErrMalformed
}

// bodyError maps an error of reading a body to its end.
func bodyError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF), err.Error() == "http: unexpected EOF reading trailer":
		return ErrShortBody
	}
	return ErrMalformed
}

// differences lists the accepted differences to net/http, each for as few
// streams as possible. Any other difference is a fault.
var differences = []struct {
	what, why string
	holds     func(wire string, ours outcome, theirs theirs) bool
}{
	{
		"a limit has an error of its own", "who reads it should know that size was the fault",
		func(wire string, ours outcome, theirs theirs) bool {
			malformed := theirs.outcome.err == ErrMalformed
			theirs.outcome.err = ErrTooLarge
			return malformed && ours == theirs.outcome
		},
	},
	{
		"a header above 1 MiB", "Transport bears 10 MiB, of each of as many connections as a load has",
		func(wire string, ours outcome, theirs theirs) bool {
			return len(wire) > maxHeader && ours == outcome{err: ErrTooLarge}
		},
	},
	{
		"a status below 100, or with a sign", "0 would read as no answer; strconv.Atoi takes +20 for 20",
		func(wire string, ours outcome, theirs theirs) bool {
			return ours == outcome{err: ErrMalformed} && theirs.answered && theirs.status < 100
		},
	},
	{
		"a header that ends inside a line which is wrong so far", "that it was cut is all that is sure",
		func(wire string, ours outcome, theirs theirs) bool {
			return ours == outcome{err: ErrShortHeader} && theirs.outcome == outcome{err: ErrMalformed}
		},
	},
	{
		"a wrong byte behind a chunk as the last one", "it is wrong whatever would have followed",
		func(wire string, ours outcome, theirs theirs) bool {
			theirs.outcome.err = ErrMalformed
			return errors.Is(theirs.err, io.ErrUnexpectedEOF) && ours == theirs.outcome
		},
	},
	{
		"a trailer that is announced may have any name", "trailers are thrown away, so none can do harm",
		func(wire string, ours outcome, theirs theirs) bool {
			return theirs.err != nil && strings.Contains(theirs.err.Error(), "bad trailer key")
		},
	},
	{
		"a trailer without CR LF CR LF", "net/http looks for these four bytes in its buffer before it reads a line; we read lines as in a header",
		func(wire string, ours outcome, theirs theirs) bool {
			text := fmt.Sprint(theirs.err)
			return ours.body == theirs.body && (strings.Contains(text, "suspiciously long trailer") ||
				strings.Contains(text, "unexpected EOF reading trailer") && strings.HasSuffix(wire, "\r\n\n"))
		},
	},
	{
		"chunked, continued by an empty line", "the continuation adds a blank, and blanks at the end mean nothing",
		func(wire string, ours outcome, theirs theirs) bool {
			rest, is := strings.CutPrefix(strings.ToLower(fmt.Sprint(theirs.err)), `unsupported transfer encoding: "chunked `)
			return is && strings.TrimLeft(rest, " ") == `"`
		},
	},
	{
		"HTTP/0.0 has no chunks", "net/http takes it for a value that nobody set, and so for HTTP/1.1",
		func(wire string, ours outcome, theirs theirs) bool {
			return strings.Contains(wire, "HTTP/0.0 ") && strings.Contains(strings.ToLower(wire), "transfer-encoding")
		},
	},
}

// compare fails on a difference that is not accepted, and returns the accepted
// one.
func compare(t *testing.T, wire string, ours outcome, theirs theirs) (difference string) {
	t.Helper()
	if ours == theirs.outcome {
		return ""
	}
	for _, d := range differences {
		if d.holds(wire, ours, theirs) {
			return d.what
		}
	}
	t.Errorf("%q\n    ours %+v\nnet/http %+v: %v", wire, ours, theirs.outcome, theirs.err)
	return ""
}

// TestCasesAgainstNetHTTP compares each case with net/http. Each accepted
// difference must occur in a case.
func TestCasesAgainstNetHTTP(t *testing.T) {
	shown := map[string]bool{}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			shown[compare(t, c.wire, c.want, netHTTP(c.wire, c.head))] = true
		})
	}
	large := ok + "A: " + strings.Repeat("a", maxHeader) + "\r\nContent-Length: 0\r\n\r\n"
	shown[compare(t, large, parse(new(Parser), large, false), netHTTP(large, false))] = true
	for _, d := range differences {
		if !shown[d.what] {
			t.Errorf("no case shows the difference %q", d.what)
		}
	}
}
