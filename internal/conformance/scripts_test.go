package conformance

import (
	"bytes"
	"strings"

	"plan/internal/exchange"
)

// script is what a server does with each request, and the expected result.
type script struct {
	name    string
	request exchange.Request
	early   bool // the server does not wait for the request's body
	first   bool // it does not wait for the request either
	unasked bool // it sends data without a request
	ends    bool // it closes after its response without notice
	does    act
	want    verdict
	// differs is why net/http correctly reports another result.
	differs string
	other   verdict
}

// verdict is the engine's result of one exchange.
type verdict struct {
	class  exchange.Class
	status int // 0 without one
	bytes  int64
	again  bool // the next request uses the same connection
}

var (
	aGet  = exchange.Request{Name: "get", Path: "/"}
	aHead = exchange.Request{Name: "head", Method: "HEAD", Path: "/"}
	aPost = exchange.Request{Name: "post", Method: "POST", Path: "/", Body: []byte(`{"x":1}`), Replay: true}
	aLast = exchange.Request{Name: "last", Path: "/", Header: map[string]string{"Connection": "close"}}
	large = exchange.Request{Name: "large", Method: "POST", Path: "/", Body: bytes.Repeat([]byte("x"), 8<<20), Replay: true}
)

const (
	ok      = "HTTP/1.1 200 OK\r\n"
	good    = ok + "Content-Length: 2\r\n\r\nok"
	chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
)

// whole is an OK response on a connection that can be reused.
func whole(status int, bytes int64) verdict { return verdict{"", status, bytes, true} }

// last is an OK response on a connection that cannot be reused.
func last(status int, bytes int64) verdict { return verdict{"", status, bytes, false} }

// broken is a malformed response.
func broken(class exchange.Class) verdict { return verdict{class: class} }

// cut is a response that ended in its body.
func cut(class exchange.Class, bytes int64) verdict { return verdict{class, 200, bytes, false} }

var scripts = []script{
	// Lengths.
	{name: "a length", request: aGet, does: says(good), want: whole(200, 2)},
	{name: "a length of 0", request: aGet, does: says(ok + "Content-Length: 0\r\n\r\n"), want: whole(200, 0)},
	{name: "a length with zeros before it", request: aGet, does: says(ok + "Content-Length: 0002\r\n\r\nok"), want: whole(200, 2)},
	{name: "a length in any case, with blanks", request: aGet, does: says(ok + "cONTENT-lENGTH: \t2 \r\n\r\nok"), want: whole(200, 2)},
	{name: "the same length twice", request: aGet, does: says(ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "two lengths", request: aGet, does: says(ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"), want: broken(exchange.Other)},
	{name: "a list of lengths", request: aGet, does: says(ok + "Content-Length: 2, 2\r\n\r\nok"), want: broken(exchange.Other)},
	{name: "a negative length", request: aGet, does: says(ok + "Content-Length: -1\r\n\r\n"), want: broken(exchange.Other)},
	{name: "a length in words", request: aGet, does: says(ok + "Content-Length: two\r\n\r\nok"), want: broken(exchange.Other)},
	{name: "a length of 1<<64", request: aGet, does: says(ok + "Content-Length: 18446744073709551616\r\n\r\nok"), want: broken(exchange.Other)},
	{name: "more than its length", unasked: true, request: aPost, does: says(good + "ay"), want: last(200, 2)},
	{name: "an empty line too many", unasked: true, request: aPost, does: says(good + "\r\n"), want: last(200, 2)},
	{name: "less than its length", request: aGet, does: closes(ok + "Content-Length: 10\r\n\r\nok"), want: cut(exchange.ShortBody, 2)},
	{name: "nothing of its length", request: aGet, does: closes(ok + "Content-Length: 10\r\n\r\n"), want: cut(exchange.ShortBody, 0)},
	{name: "a body of 3 MB", request: aGet, does: says(ok + "Content-Length: 3000000\r\n\r\n" + strings.Repeat("x", 3000000)), want: whole(200, 3000000)},
	{name: "a body of as much as is read at once", request: aGet, does: says(ok + "Content-Length: 65497\r\n\r\n" + strings.Repeat("x", 65497)), want: whole(200, 65497)},
	{name: "NUL bytes in a body", request: aGet, does: says(ok + "Content-Length: 4\r\n\r\n\x00\x00\r\n"), want: whole(200, 4)},
	{name: "a packed body", request: aGet, does: says(ok + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"), want: whole(200, 2)},

	// Bodies that end with their connection.
	{name: "until the end", request: aGet, does: closes(ok + "\r\nokay"), want: last(200, 4)},
	{name: "until the end, which comes at once", request: aGet, does: closes(ok + "\r\n"), want: last(200, 0)},
	{name: "until the end of the server's way", request: aGet, does: shutsDown(ok + "\r\nokay"), want: last(200, 4)},
	{name: "until the end, whatever Connection says", request: aGet, does: closes(ok + "Connection: keep-alive\r\n\r\nokay"), want: last(200, 4)},
	{name: "until a reset", request: aGet, does: resets(ok + "\r\nok"), want: cut(exchange.Reset, 2)},
	{name: "no end", request: aGet, does: halts(ok + "\r\nok"), want: verdict{exchange.Timeout, 0, 2, false}},

	// Chunks.
	{name: "chunks", request: aPost, does: says(chunked + "2\r\nok\r\n3\r\nay!\r\n0\r\n\r\n"), want: whole(200, 5)},
	{name: "no chunks", request: aPost, does: says(chunked + "0\r\n\r\n"), want: whole(200, 0)},
	{name: "chunks with extensions", request: aGet, does: says(chunked + "2;a=b;c=\"d\"\r\nok\r\n0;last\r\n\r\n"), want: whole(200, 2)},
	{name: "chunks with trailers", request: aGet, does: says(ok + "Trailer: Digest\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nDigest: x\r\nServer-Timing: y\r\n\r\n"), want: whole(200, 2)},
	{name: "chunks in capitals", request: aGet, does: says(chunked + "A\r\n0123456789\r\n0\r\n\r\n"), want: whole(200, 10)},
	{name: "chunks with zeros before their size", request: aGet, does: says(chunked + "0000a\r\n0123456789\r\n000\r\n\r\n"), want: whole(200, 10)},
	{name: "chunks, byte by byte", request: aGet, does: pieces(0, strings.Split(chunked+"2\r\nok\r\n0\r\nA: b\r\n\r\n", "")...), want: whole(200, 2)},
	{name: "a thousand chunks", request: aGet, does: says(chunked + strings.Repeat("1\r\nx\r\n", 1000) + "0\r\n\r\n"), want: whole(200, 1000)},
	{name: "a chunk of 100 KB", request: aGet, does: says(chunked + "186a0\r\n" + strings.Repeat("x", 100000) + "\r\n0\r\n\r\n"), want: whole(200, 100000)},
	{name: "chunked in any case", request: aGet, does: says(ok + "transfer-encoding:\tChunKED \r\n\r\n2\r\nok\r\n0\r\n\r\n"), want: whole(200, 2)},
	{name: "chunked beside a length", request: aGet, does: says(ok + "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), want: whole(200, 2)},
	{name: "chunked twice", request: aGet, does: says(ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), want: broken(exchange.Other)},
	{name: "packed and chunked", request: aGet, does: says(ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), want: broken(exchange.Other)},
	{name: "an encoding that is none", request: aGet, does: says(ok + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok"), want: broken(exchange.Other)},
	{name: "chunked on HTTP/1.0 is nothing", request: aGet, does: closes("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), want: last(200, 5)},
	{name: "a size that is none", request: aGet, does: says(chunked + "xyz\r\nok\r\n"), want: cut(exchange.Other, 0)},
	{name: "a size with 0x", request: aGet, does: says(chunked + "0x2\r\nok\r\n0\r\n\r\n"), want: cut(exchange.Other, 0)},
	{name: "a size below 0", request: aGet, does: says(chunked + "-2\r\nok\r\n0\r\n\r\n"), want: cut(exchange.Other, 0)},
	{name: "a size of 17 digits", request: aGet, does: says(chunked + "00000000000000002\r\nok\r\n0\r\n\r\n"), want: cut(exchange.Other, 0)},
	{name: "no size", request: aGet, does: says(chunked + "\r\nok\r\n0\r\n\r\n"), want: cut(exchange.Other, 0)},
	{name: "no CR LF after a chunk", request: aGet, does: says(chunked + "2\r\nok0\r\n\r\n"), want: cut(exchange.Other, 2)},
	{name: "LF alone after a size", request: aGet, does: says(chunked + "2\nok\r\n0\r\n\r\n"), want: cut(exchange.Other, 0)},
	{name: "more than a chunk's size", request: aGet, does: says(chunked + "2\r\nokay\r\n0\r\n\r\n"), want: cut(exchange.Other, 2)},
	{name: "a line of 8 KB before a chunk", request: aGet, does: says(chunked + "2;" + strings.Repeat("x", 8<<10) + "\r\nok\r\n0\r\n\r\n"), want: cut(exchange.Other, 0)},
	{name: "cut in a chunk", request: aGet, does: closes(chunked + "5\r\nok"), want: cut(exchange.ShortBody, 2)},
	{name: "cut in a size", request: aGet, does: closes(chunked + "2\r\nok\r\n1"), want: cut(exchange.ShortBody, 2)},
	{name: "cut before the last chunk", request: aGet, does: closes(chunked + "2\r\nok\r\n"), want: cut(exchange.ShortBody, 2)},
	{name: "cut in a trailer", request: aGet, does: closes(chunked + "2\r\nok\r\n0\r\nDigest: x\r\n"), want: cut(exchange.ShortBody, 2),
		differs: "net/http takes a trailer without an end for one that is too long", other: cut(exchange.Other, 2)},
	{name: "reset in a chunk", request: aGet, does: resets(chunked + "5\r\nok"), want: cut(exchange.Reset, 2)},
	{name: "a trailer without a colon", request: aGet, does: says(chunked + "0\r\nDigest\r\n\r\n"), want: cut(exchange.Other, 0)},
	{name: "more than its last chunk", unasked: true, request: aPost, does: says(chunked + "0\r\n\r\n0\r\n\r\n"), want: last(200, 0)},

	// Informational responses.
	{name: "100", request: aPost, does: says("HTTP/1.1 100 Continue\r\n\r\n" + good), want: whole(200, 2)},
	{name: "100 some time before", request: aPost, does: pieces(3e6, "HTTP/1.1 100 Continue\r\n\r\n", good), want: whole(200, 2)},
	{name: "102, 103 and 199", request: aGet, does: says("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 199 \r\n\r\n" + good), want: whole(200, 2)},
	{name: "103 a hundred times", request: aGet, does: says(strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 100) + good), want: whole(200, 2)},
	{name: "100 that speaks of close and a length", request: aGet, does: says("HTTP/1.1 100 Continue\r\nConnection: close\r\nContent-Length: 7\r\n\r\n" + good), want: whole(200, 2)},
	{name: "100 and no more", request: aPost, does: closes("HTTP/1.1 100 Continue\r\n\r\n"), want: broken(exchange.Reset)},
	{name: "101", request: aGet, does: closes("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), want: verdict{exchange.HTTPOther, 101, 0, false}},

	// Responses without a body.
	{name: "204", request: aPost, does: says("HTTP/1.1 204 No Content\r\n\r\n"), want: whole(204, 0)},
	{name: "204 with a length", request: aPost, does: says("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"), want: whole(204, 0)},
	{name: "204 with a body", unasked: true, request: aPost, does: says("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"), want: last(204, 0)},
	{name: "205", request: aPost, does: says("HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"), want: whole(205, 0)},
	{name: "304", request: aGet, does: says("HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"), want: whole(304, 0)},
	{name: "304 with a length", request: aGet, does: says("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n"), want: whole(304, 0)},
	{name: "HEAD with a length", request: aHead, does: says(ok + "Content-Length: 1000\r\n\r\n"), want: whole(200, 0)},
	{name: "HEAD with chunks", request: aHead, does: says(chunked), want: whole(200, 0)},
	{name: "HEAD with neither", request: aHead, does: says(ok + "\r\n"), want: whole(200, 0)},
	{name: "HEAD with a body", unasked: true, request: aHead, does: says(good), want: last(200, 0)},
	{name: "HEAD of what is not there", request: aHead, does: says("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n"), want: verdict{exchange.HTTP4xx, 404, 0, true}},

	// Responses before or without a request.
	{name: "early, and the body is never read", request: large, early: true, does: shutsDown("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"), want: verdict{exchange.HTTP4xx, 413, 2, false}},
	{name: "before the request", unasked: true, request: aGet, first: true, does: shutsDown("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"), want: verdict{exchange.HTTP5xx, 503, 2, false}},
	{name: "two at once", unasked: true, request: aPost, does: says(good + good), want: last(200, 2)},
	{name: "a farewell behind it", unasked: true, request: aPost, does: closes(good + "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"), want: last(200, 2)},
	{name: "some time after the last byte it is closed", ends: true, request: aPost, does: closes(good), want: last(200, 2)},
	{name: "its way is closed behind it", ends: true, request: aPost, does: shutsDown(good), want: last(200, 2)},

	// Reuse of the connection.
	{name: "close", request: aGet, does: closes(ok + "Connection: close\r\nContent-Length: 2\r\n\r\nok"), want: last(200, 2)},
	{name: "close, and it stays open", request: aGet, does: says(ok + "Connection: close\r\nContent-Length: 2\r\n\r\nok"), want: last(200, 2)},
	{name: "close in a list, in capitals", request: aGet, does: says(ok + "Connection: x, CLOSE\r\nContent-Length: 2\r\n\r\nok"), want: last(200, 2)},
	{name: "close in a second line", request: aGet, does: says(ok + "Connection: keep-alive\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"), want: last(200, 2)},
	{name: "keep-alive", request: aGet, does: says(ok + "Connection: keep-alive\r\nKeep-Alive: timeout=5, max=1\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "close to a proxy", request: aGet, does: says(ok + "Proxy-Connection: close\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "close asked for, and not granted", request: aLast, does: says(good), want: last(200, 2)},
	{name: "HTTP/1.0", request: aGet, does: says("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), want: last(200, 2)},
	{name: "HTTP/1.0 that keeps alive", request: aGet, does: says("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "HTTP/1.0 until the end", request: aGet, does: closes("HTTP/1.0 200 OK\r\n\r\nokay"), want: last(200, 4)},
	{name: "HTTP/1.2", request: aGet, does: says("HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "HTTP/3.0", request: aGet, does: says("HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "HTTP/0.9", request: aGet, does: closes("okay\r\n"), want: broken(exchange.Other)},

	// Status lines.
	{name: "no reason", request: aGet, does: says("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "an empty reason", request: aGet, does: says("HTTP/1.1 503 \r\nContent-Length: 2\r\n\r\nno"), want: verdict{exchange.HTTP5xx, 503, 2, true}},
	{name: "a NUL in a reason", request: aGet, does: says("HTTP/1.1 200 \x00\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "404", request: aGet, does: says("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"), want: verdict{exchange.HTTP4xx, 404, 4, true}},
	{name: "302", request: aGet, does: says("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), want: whole(302, 0)},
	{name: "307 that nobody wants", request: aPost, does: says("HTTP/1.1 307 Temporary Redirect\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), want: verdict{exchange.HTTPOther, 307, 0, true}},
	{name: "600", request: aGet, does: says("HTTP/1.1 600 Odd\r\nContent-Length: 2\r\n\r\nno"), want: verdict{exchange.HTTPOther, 600, 2, true}},
	{name: "999", request: aGet, does: says("HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nno"), want: verdict{exchange.HTTPOther, 999, 2, true}},
	{name: "099", request: aGet, does: says("HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nno"), want: broken(exchange.Other),
		differs: "net/http takes any three digits for a status; below 100 there is none", other: verdict{exchange.HTTPOther, 99, 2, false}},
	{name: "1000", request: aGet, does: says("HTTP/1.1 1000 Odd\r\nContent-Length: 2\r\n\r\nno"), want: broken(exchange.Other)},
	{name: "a status of two digits", request: aGet, does: says("HTTP/1.1 20 OK\r\n\r\n"), want: broken(exchange.Other)},
	{name: "a status in letters", request: aGet, does: says("HTTP/1.1 2xx OK\r\n\r\n"), want: broken(exchange.Other)},
	{name: "an empty line first", request: aGet, does: says("\r\n" + good), want: broken(exchange.Other)},
	{name: "a NUL first", request: aGet, does: says("\x00" + good), want: broken(exchange.Other)},
	{name: "another protocol", request: aGet, does: says("SSH-2.0-OpenSSH_9.2\r\n\r\n"), want: broken(exchange.Other)},

	// Headers.
	{name: "LF alone", request: aGet, does: says("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"), want: whole(200, 2)},
	{name: "a folded line", request: aGet, does: says(ok + "A: a\r\n b\r\n\tc\r\nContent-Length:\r\n 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "a header byte by byte", request: aGet, does: pieces(1e5, strings.Split(good, "")...), want: whole(200, 2)},
	{name: "a header of 900 KB", request: aGet, does: says(ok + "A: " + strings.Repeat("x", 900<<10) + "\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "a header of 2 MB", request: aGet, does: says(ok + "A: " + strings.Repeat("x", 2<<20) + "\r\nContent-Length: 2\r\n\r\nok"), want: broken(exchange.Other)},
	{name: "a header of 10,000 lines", request: aGet, does: says(ok + strings.Repeat("A: b\r\n", 10000) + "Content-Length: 2\r\n\r\nok"), want: whole(200, 2)},
	{name: "a header without end", request: aGet, does: floods(ok, strings.Repeat("A: "+strings.Repeat("x", 1<<10)+"\r\n", 50)), want: broken(exchange.Other)},
	{name: "a header line without end", request: aGet, does: floods(ok+"A: ", strings.Repeat("x", 1<<16)), want: broken(exchange.Other)},
	{name: "a header that stops", request: aGet, does: halts(ok + "Content-Length: 2\r\n"), want: broken(exchange.Timeout)},
	{name: "a header that is cut", request: aGet, does: closes(ok + "Content-Length: 2\r\n"), want: broken(exchange.Reset)},
	{name: "a header that is reset", request: aGet, does: resets(ok + "Content-Length: 2\r\n"), want: broken(exchange.Reset)},
	{name: "a status line that is cut", request: aGet, does: closes("HTTP/1.1 20"), want: broken(exchange.Reset),
		differs: "net/http takes the line for a whole one", other: broken(exchange.Other)},
	{name: "a NUL in a header", request: aGet, does: says(ok + "A: a\x00b\r\n\r\n"), want: broken(exchange.Other)},
	{name: "a CR in a header", request: aGet, does: says(ok + "A: a\rb\r\n\r\n"), want: broken(exchange.Other)},
	{name: "a line without a colon", request: aGet, does: says(ok + "Content-Length\r\n\r\n"), want: broken(exchange.Other)},
	{name: "a line without a name", request: aGet, does: says(ok + ": x\r\n\r\n"), want: broken(exchange.Other)},
	{name: "beyond ASCII", request: aGet, does: says(ok + "A: \xc3\xa4\xff\r\nContent-Length: 2\r\n\r\nok"), want: whole(200, 2)},

	// No response.
	{name: "closed", request: aPost, does: closes(""), want: broken(exchange.Reset)},
	{name: "reset", request: aPost, does: resets(""), want: broken(exchange.Reset)},
	{name: "its way closed", request: aPost, does: shutsDown(""), want: broken(exchange.Reset)},
	{name: "silence", request: aPost, does: halts(""), want: broken(exchange.Timeout)},
	{name: "a body that stops", request: aGet, does: halts(ok + "Content-Length: 10\r\n\r\nok"), want: verdict{exchange.Timeout, 0, 2, false}},
	{name: "a body that is reset", request: aGet, does: resets(ok + "Content-Length: 10\r\n\r\nok"), want: cut(exchange.Reset, 2)},
	{name: "a large request that is reset", request: large, early: true, does: resets(""), want: broken(exchange.Reset)},
	{name: "a large request", request: large, does: says(good), want: whole(200, 2)},
}
