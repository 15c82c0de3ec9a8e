package http1

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// await begins a response and feeds it, which must succeed.
func await(t *testing.T, p *Parser, want *Want, pieces ...string) (n int, done bool) {
	t.Helper()
	p.Begin(want)
	for _, piece := range pieces {
		var err error
		if n, done, err = p.Feed([]byte(piece)); err != nil {
			t.Fatalf("%q: %v", piece, err)
		}
	}
	return n, done
}

func TestBytesWithoutARequest(t *testing.T) {
	for wire, want := range map[string]error{
		"":                                     nil,
		"\r\n":                                 ErrUnsolicited,
		uvicorn:                                ErrUnsolicited,
		"HTTP/1.1":                             ErrUnsolicited,
		"HTTP/1.1 408 Request Timeout\r\n\r\n": ErrIdleTimeout,
		"HTTP/1.0 408":                         ErrIdleTimeout,
		"HTTP/2.0 408 Request Timeout\r\n\r\n": ErrUnsolicited,
		"HTTP/1.1 4080":                        ErrIdleTimeout,
	} {
		var fresh, used Parser
		if n, done, err := fresh.Feed([]byte(wire)); n != 0 || done || err != want {
			t.Errorf("%q before a request: %d, %v, %v, want %v", wire, n, done, err, want)
		}
		await(t, &used, &Want{}, uvicorn)
		if n, done, err := used.Feed([]byte(wire)); n != 0 || done || err != want {
			t.Errorf("%q after an answer: %d, %v, %v, want %v", wire, n, done, err, want)
		}
	}
}

func TestBytesAfterTheEndAreLeftAlone(t *testing.T) {
	var p Parser
	n, done := await(t, &p, &Want{}, uvicorn+"more")
	if n != len(uvicorn) || !done || p.KeepAlive() {
		t.Errorf("took %d of %d, done %v, keep alive %v", n, len(uvicorn), done, p.KeepAlive())
	}
	if await(t, &p, &Want{}, uvicorn); !p.KeepAlive() {
		t.Error("the next answer must not remember")
	}
}

func TestAfterAnErrorNothingIsAwaited(t *testing.T) {
	var p Parser
	p.Begin(&Want{})
	if n, done, err := p.Feed([]byte(ok + "no colon\r\n\r\nmore")); done || err == nil || n == 0 {
		t.Fatalf("%d, %v, %v", n, done, err)
	}
	if n, done, err := p.Feed([]byte("more")); n != 0 || done || err != ErrUnsolicited {
		t.Errorf("fed on: %d, %v, %v", n, done, err)
	}
	if err := p.End(); err != nil || p.KeepAlive() {
		t.Errorf("ended: %v, keep alive %v", err, p.KeepAlive())
	}
}

func TestTheEndWhenNothingIsAwaited(t *testing.T) {
	var p Parser
	if err := p.End(); err != nil {
		t.Errorf("before a request: %v", err)
	}
	await(t, &p, &Want{}, uvicorn)
	if err := p.End(); err != nil || p.KeepAlive() || p.Status() != 200 {
		t.Errorf("after an answer: %v, keep alive %v, status %d", err, p.KeepAlive(), p.Status())
	}
}

func TestNothingIsLeftOfAnAnswerBefore(t *testing.T) {
	var p Parser
	want := &Want{Body: 100, Headers: []string{"Server"}}
	await(t, &p, want, uvicorn)
	p.Begin(want)
	if p.Status() != 0 || p.Received() != 0 || len(p.Body()) != 0 || len(p.Header(0)) != 0 || p.KeepAlive() {
		t.Errorf("left: status %d, %d bytes, body %q, header %q", p.Status(), p.Received(), p.Body(), p.Header(0))
	}
	for _, end := range []string{"", "HTTP/1.1 503", "HTTP/1.1 503 \r\n"} {
		await(t, &p, want, uvicorn)
		await(t, &p, want, end)
		if err := p.End(); err == nil || p.Status() != 0 {
			t.Errorf("cut after %q: %v, status %d", end, err, p.Status())
		}
	}
}

func TestTheFirstBytesOfABody(t *testing.T) {
	const sized = ok + "Content-Length: 10\r\n\r\n0123456789"
	const inChunks = chunked + "4\r\n0123\r\n1\r\n4\r\n5\r\n56789\r\n0\r\nX: y\r\n\r\n"
	var p Parser
	for _, wire := range []string{sized, inChunks, ok + "\r\n0123456789"} {
		for limit := range 12 {
			want := &Want{Body: limit}
			for cut := range len(wire) {
				first := []byte(wire[:cut])
				p.Begin(want)
				p.Feed(first)
				clear(first)
				if p.Feed([]byte(wire[cut:])); string(p.Body()) != "0123456789"[:min(limit, 10)] || p.Received() != 10 {
					t.Fatalf("limit %d, cut at %d: %q of %d bytes in %q", limit, cut, p.Body(), p.Received(), wire)
				}
			}
		}
	}
}

func TestALargeBodyIsNotKeptForLong(t *testing.T) {
	large := strings.Repeat("x", maxRetained+1)
	want := &Want{Body: 2 * maxRetained}
	wire := ok + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(large)) + large
	var p Parser
	for range 2 {
		if await(t, &p, want, wire[:1000], wire[1000:]); string(p.Body()) != large {
			t.Fatalf("%d bytes of the body", len(p.Body()))
		}
		if p.Release(); len(p.Body()) != 0 || cap(p.prefix.buffer) > maxRetained {
			t.Errorf("%d bytes of the body and %d of memory are left", len(p.Body()), cap(p.prefix.buffer))
		}
	}
}

func TestWantedHeaders(t *testing.T) {
	const wire = "HTTP/1.1 103 Early Hints\r\nLocation: /early\r\n\r\n" +
		"HTTP/1.1 302 Found\r\nset-cookie: a\r\nX-Empty:\r\nX-Size: 7\r\nLOCATION: \t/a\r\n b \r\nLocation: /c\r\n" +
		"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Late: z\r\n\r\n"
	want := &Want{Headers: []string{"Location", "content-encoding", "X-Empty", "x-late", "Transfer-Encoding", "x-siZe"}}
	var p Parser
	for cut := range len(wire) {
		await(t, &p, want, wire[:cut], wire[cut:])
		for i, value := range []string{"/a b\n/c", "", "", "", "chunked", "7"} {
			if got := string(p.Header(i)); got != value {
				t.Fatalf("cut at %d: %s is %q, want %q", cut, want.Headers[i], got, value)
			}
		}
	}
	if await(t, &p, &Want{Headers: []string{"Server"}}, uvicorn); string(p.Header(0)) != "uvicorn" {
		t.Errorf("Server is %q", p.Header(0))
	}
}

func TestHeadersAreBounded(t *testing.T) {
	const end = "\r\nContent-Length: 0\r\n\r\n"
	const early = "HTTP/1.1 100 Continue\r\n\r\n"
	one := func(start string, size int) string {
		return start + strings.Repeat("a", size-len(start)-len(end)) + end
	}
	many := func(line string) string { return ok + strings.Repeat(line, maxHeader/len(line)+1) }
	for name, c := range map[string]struct {
		wire string
		want error
	}{
		"one line, all of it":       {one(ok+"A: ", maxHeader), nil},
		"one line, too long":        {one(ok+"A: ", maxHeader+1), ErrTooLarge},
		"after another, all of it":  {one(early+ok+"A: ", maxHeader), nil},
		"after another, too long":   {one(early+ok+"A: ", maxHeader+1), ErrTooLarge},
		"many lines":                {many("A: b\r\n"), ErrTooLarge},
		"lines that go on":          {many("A: b\r\n c\r\n"), ErrTooLarge},
		"a line that goes on":       {ok + "A: b\r\n" + strings.Repeat(" c\n", maxHeader/3), ErrTooLarge},
		"a reason, too long":        {one("HTTP/1.1 200 ", maxHeader+1), ErrTooLarge},
		"nothing but early answers": {strings.Repeat(early, maxHeader/len(early)+1), ErrTooLarge},
	} {
		var p Parser
		cuts := []int{}
		for at := 4096; at < len(c.wire); at += 4096 {
			cuts = append(cuts, at)
		}
		for _, got := range []outcome{parse(&p, c.wire, false), parse(&p, c.wire, false, cuts...)} {
			if got.err != c.want {
				t.Errorf("%s: %v, want %v", name, got.err, c.want)
			}
		}
		if p.Begin(&Want{}); cap(p.line) > maxRetained {
			t.Errorf("%s: %d bytes are kept for lines", name, cap(p.line))
		}
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	for wire, want := range map[string]string{
		"SSH-2.0-OpenSSH_9.6\r\n":                      `malformed response: not an HTTP status line: "SSH-2.0-OpenSSH_9.6"`,
		ok + "a(b): x\r\n\r\n":                         `malformed response: invalid header name: "a(b): x"`,
		ok + "Content-Length: x\r\n\r\n":               "malformed response: invalid or repeated Content-Length",
		chunked + "x\r\n":                              `malformed response: invalid chunk size: "x\r\n"`,
		chunked + "1\r\nab":                            `malformed response: a chunk is longer than its size: "b"`,
		strings.Repeat("x", 100) + "\r\n":              `malformed response: not an HTTP status line: "` + strings.Repeat("x", 80) + `"`,
		ok + "Transfer-Encoding: gzip\r\n\r\n":         "malformed response: unsupported Transfer-Encoding",
		ok + "A: " + strings.Repeat("x", maxHeader):    "the response header is too large",
		"HTTP/1.1 200 OK\r\nno colon\r\nA: b\r\n\r\n":  `malformed response: invalid header line: "no colon"`,
		chunked + strings.Repeat("0", maxChunkLine+10): "the response header is too large",
	} {
		var p Parser
		p.Begin(&Want{})
		_, done, err := p.Feed([]byte(wire))
		if err == nil || done || err.Error() != want {
			t.Errorf("%.40q: %v\nwant %s", wire, err, want)
		}
		if errors.Is(err, ErrMalformed) == errors.Is(err, ErrTooLarge) {
			t.Errorf("%.40q: %v is none of the errors of the package, or two", wire, err)
		}
	}
}
