package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// loads are typical responses of servers under load.
var loads = map[string]string{
	"uvicorn":   uvicorn,
	"chunks":    chunked + strings.Repeat("14\r\n01234567890123456789\r\n", 8) + "0\r\n\r\n",
	"64 KiB":    ok + "Content-Length: 65536\r\n\r\n" + strings.Repeat("x", 64<<10),
	"redirects": "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nLocation: /a\r\n b\r\n\r\n",
}

func TestNoAllocations(t *testing.T) {
	want := &Want{Body: 200, Headers: []string{"Location", "Content-Encoding"}}
	for name, wire := range loads {
		answer := []byte(wire)
		step := max(1, len(answer)/200)
		var p Parser
		for what, once := range map[string]func(){
			"in one piece": func() { p.Begin(want); p.Feed(answer) },
			"in two pieces": func() {
				for at := 0; at < len(answer); at += step {
					p.Begin(want)
					p.Feed(answer[:at])
					p.Feed(answer[at:])
				}
			},
			"in small pieces": func() {
				p.Begin(want)
				for at := 0; at < len(answer); at += step {
					p.Feed(answer[at:min(at+step, len(answer))])
				}
			},
		} {
			if n := testing.AllocsPerRun(100, once); n != 0 {
				t.Errorf("%s %s: %v allocations", name, what, n)
			}
			if !p.KeepAlive() {
				t.Errorf("%s %s: the answer is not whole", name, what)
			}
		}
	}
}

func BenchmarkParser(b *testing.B) {
	want := &Want{Body: 200, Headers: []string{"Content-Encoding"}}
	for name, wire := range loads {
		answer := []byte(wire)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(answer)))
			var p Parser
			for b.Loop() {
				p.Begin(want)
				if _, done, err := p.Feed(answer); !done || err != nil {
					b.Fatal(done, err)
				}
			}
		})
	}
}

func BenchmarkParserByteByByte(b *testing.B) {
	answer, want := []byte(uvicorn), &Want{}
	b.ReportAllocs()
	b.SetBytes(int64(len(answer)))
	var p Parser
	for b.Loop() {
		p.Begin(want)
		for i := range answer {
			p.Feed(answer[i : i+1])
		}
	}
}

func BenchmarkNetHTTP(b *testing.B) {
	request := &http.Request{Method: "GET"}
	for name, wire := range loads {
		answer := []byte(wire)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(answer)))
			stream := bytes.NewReader(answer)
			buffered := bufio.NewReader(stream)
			for b.Loop() {
				stream.Reset(answer)
				buffered.Reset(stream)
				response, err := http.ReadResponse(buffered, request)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, response.Body)
			}
		})
	}
}
