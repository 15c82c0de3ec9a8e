package http1

import "strings"

// ok is the header of a response, complete except for what a case adds.
const ok = "HTTP/1.1 200 OK\r\n"

const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"

// cases are streams with responses, and their results.
var cases = []struct {
	name, wire string
	head       bool // the request was a HEAD
	want       outcome
}{
	// Lengths.
	{"uvicorn", uvicorn, false, outcome{status: 200, body: `{"label":"cat","score":0.97}`, again: true}},
	{"length", ok + "Content-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"length of 0", ok + "Content-Length: 0\r\n\r\n", false, outcome{status: 200, again: true}},
	{"length in any case and with blanks", ok + "cOnTeNt-lEnGtH: \t 2 \t \r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"length without a blank", ok + "Content-Length:2\r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"length with zeros before it", ok + "Content-Length: 0002\r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"length twice, the same", ok + "Content-Length: 2\r\nContent-Length: 2 \r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"length twice, not the same", ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"length twice, not the same text", ok + "Content-Length: 2\r\nContent-Length: 02\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"length twice in a list", ok + "Content-Length: 2, 2\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"length is empty", ok + "Content-Length:\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"length is negative", ok + "Content-Length: -1\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"length with a sign", ok + "Content-Length: +2\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"length with a fraction", ok + "Content-Length: 2.0\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"length in hexadecimal", ok + "Content-Length: 0x2\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"length of 1<<63 - 1", ok + "Content-Length: 9223372036854775807\r\n\r\nok", false, outcome{status: 200, body: "ok", err: ErrShortBody}},
	{"length of 1<<63", ok + "Content-Length: 9223372036854775808\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"length of 1<<64 + 2", ok + "Content-Length: 18446744073709551618\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"length with a blank before the colon is none", ok + "Content-Length : 2\r\n\r\nokay", false, outcome{status: 200, body: "okay"}},
	{"short body", ok + "Content-Length: 10\r\n\r\nok", false, outcome{status: 200, body: "ok", err: ErrShortBody}},
	{"no body at all", ok + "Content-Length: 10\r\n\r\n", false, outcome{status: 200, err: ErrShortBody}},

	// Until the end of the connection.
	{"until the end", ok + "\r\nokay", false, outcome{status: 200, body: "okay"}},
	{"until the end, which comes at once", ok + "\r\n", false, outcome{status: 200}},
	{"until the end, whatever Connection says", ok + "Connection: keep-alive\r\n\r\nokay", false, outcome{status: 200, body: "okay"}},

	// Chunks.
	{"chunks", chunked + "2\r\nok\r\n3\r\nay!\r\n0\r\n\r\n", false, outcome{status: 200, body: "okay!", again: true}},
	{"chunks, none", chunked + "0\r\n\r\n", false, outcome{status: 200, again: true}},
	{"chunks, sizes in hexadecimal", chunked + "a\r\n0123456789\r\n0B\r\n0123456789a\r\n000\r\n\r\n", false, outcome{status: 200, body: "01234567890123456789a", again: true}},
	{"chunks, with extensions", chunked + "2;a=b\r\nok\r\n2;c=\"d;e\"\r\nay\r\n0;last\r\n\r\n", false, outcome{status: 200, body: "okay", again: true}},
	{"chunks, blanks after the size", chunked + "2 \t\r\nok\r\n0 \r\n\r\n", false, outcome{status: 200, body: "ok", again: true}},
	{"chunks, a blank before an extension", chunked + "2 ;a\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, a blank before the size", chunked + " 2\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, no size", chunked + "\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, an extension without size", chunked + ";a\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, a size in no hexadecimal", chunked + "2g\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, a size with 0x", chunked + "0x2\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, a negative size", chunked + "-2\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, a size of 16 digits", chunked + "0000000000000002\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, body: "ok", again: true}},
	{"chunks, a size of 17 digits", chunked + "00000000000000002\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, the greatest size", chunked + "ffffffffffffffff\r\nok", false, outcome{status: 200, body: "ok", err: ErrShortBody}},
	{"chunks, LF alone after a size", chunked + "2\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, an empty line in place of a size", chunked + "\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, a CR in an extension", chunked + "2;\ra\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"chunks, LF alone after the data", chunked + "2\r\nok\n0\r\n\r\n", false, outcome{status: 200, body: "ok", err: ErrMalformed}},
	{"chunks, longer than said", chunked + "2\r\nokay\r\n0\r\n\r\n", false, outcome{status: 200, body: "ok", err: ErrMalformed}},
	{"chunks, cut in a size", chunked + "2\r\nok\r\n1", false, outcome{status: 200, body: "ok", err: ErrShortBody}},
	{"chunks, cut in the data", chunked + "4\r\nok", false, outcome{status: 200, body: "ok", err: ErrShortBody}},
	{"chunks, cut after the data", chunked + "2\r\nok\r", false, outcome{status: 200, body: "ok", err: ErrShortBody}},
	{"chunks, the last one missing", chunked + "2\r\nok\r\n", false, outcome{status: 200, body: "ok", err: ErrShortBody}},
	{"chunks, cut before the last line", chunked + "2\r\nok\r\n0\r\n", false, outcome{status: 200, body: "ok", err: ErrShortBody}},
	{"chunks, a line as long as it may be", chunked + "2;" + strings.Repeat("a", maxChunkLine-4) + "\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, body: "ok", again: true}},
	{"chunks, a line too long", chunked + "2;" + strings.Repeat("a", maxChunkLine-3) + "\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, err: ErrTooLarge}},
	{"chunks, small ones are borne", chunked + strings.Repeat("1\r\na\r\n", 1000) + "0\r\n\r\n", false, outcome{status: 200, body: strings.Repeat("a", 1000), again: true}},
	{"chunks, as many extensions as are borne", chunked + extensions(4096, 4096, 4096, 4096, 90) + "0\r\n\r\n", false, outcome{status: 200, body: "aaaaa", again: true}},
	{"chunks, more extensions", chunked + extensions(4096, 4096, 4096, 4096, 91) + "0\r\n\r\n", false, outcome{status: 200, body: "aaaa", err: ErrMalformed}},

	// Trailers.
	{"trailer", chunked + "2\r\nok\r\n0\r\nDigest: x\r\nServer-Timing: y\r\n\r\n", false, outcome{status: 200, body: "ok", again: true}},
	{"trailer that goes on", chunked + "0\r\nDigest: x\r\n y\r\n\r\n", false, outcome{status: 200, again: true}},
	{"trailer that is announced", ok + "Trailer: Digest\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nDigest: x\r\n\r\n", false, outcome{status: 200, again: true}},
	{"trailer that speaks of framing", chunked + "0\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", false, outcome{status: 200, again: true}},
	{"trailer without a colon", chunked + "0\r\nDigest\r\n\r\n", false, outcome{status: 200, err: ErrMalformed}},
	{"trailer cut", chunked + "0\r\nDigest: x\r\n", false, outcome{status: 200, err: ErrShortBody}},
	{"trailer as long as it may be", chunked + "0\r\nA:" + strings.Repeat("x", maxTrailer-6) + "\r\n\r\n", false, outcome{status: 200, again: true}},
	{"trailer too long", chunked + "0\r\nA:" + strings.Repeat("x", maxTrailer-5) + "\r\n\r\n", false, outcome{status: 200, err: ErrTooLarge}},
	{"trailer with LF alone", chunked + "0\r\nA: b\n\n", false, outcome{status: 200, again: true}},
	{"no trailer, with LF alone", chunked + "0\r\n\n", false, outcome{status: 200, again: true}},
	{"trailer that announces framing", ok + "Trailer: Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false, outcome{status: 200, again: true}},

	// Transfer-Encoding.
	{"chunked in any case", ok + "transfer-encoding:\tChunKED \r\n\r\n2\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, body: "ok", again: true}},
	{"chunked beside a length", ok + "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false, outcome{status: 200, body: "ok", again: true}},
	{"chunked beside a bad length", ok + "Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"chunked, chunked", ok + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"chunked twice", ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"identity", ok + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"gzip, chunked", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"an empty encoding", ok + "Transfer-Encoding:\r\nContent-Length: 2\r\n\r\nok", false, outcome{err: ErrMalformed}},
	{"chunked on HTTP/1.0 is nothing", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok"}},
	{"chunked in a continued line", ok + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", false, outcome{status: 200, again: true}},
	{"chunked and an empty continuation", ok + "Transfer-Encoding: chunked\r\n \r\n\r\n0\r\n\r\n", false, outcome{status: 200, again: true}},

	// Responses without a body, and informational responses.
	{"204", "HTTP/1.1 204 No Content\r\n\r\n", false, outcome{status: 204, again: true}},
	{"204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", false, outcome{status: 204, again: true}},
	{"204 with a body", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 204, extra: 2}},
	{"204 with a bad length", "HTTP/1.1 204 No Content\r\nContent-Length: x\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n", false, outcome{status: 304, again: true}},
	{"304 with chunks", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", false, outcome{status: 304, again: true}},
	{"HEAD with a length", ok + "Content-Length: 1000\r\n\r\n", true, outcome{status: 200, again: true}},
	{"HEAD with chunks", chunked, true, outcome{status: 200, again: true}},
	{"HEAD with nothing", ok + "\r\n", true, outcome{status: 200, again: true}},
	{"HEAD with a body", ok + "Content-Length: 2\r\n\r\nok", true, outcome{status: 200, extra: 2}},
	{"100", "HTTP/1.1 100 Continue\r\n\r\n" + uvicorn, false, outcome{status: 200, body: `{"label":"cat","score":0.97}`, again: true}},
	{"100, 102 and 103", "HTTP/1.1 100\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"100 whose header is of no matter", "HTTP/1.1 100 Continue\r\nConnection: close\r\nContent-Length: 7\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"100 with a bad length", "HTTP/1.1 100 Continue\r\nContent-Length: x\r\n\r\n" + uvicorn, false, outcome{err: ErrMalformed}},
	{"100 and no more", "HTTP/1.1 100 Continue\r\n\r\n", false, outcome{err: ErrShortHeader}},
	{"101", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", false, outcome{status: 101}},

	// Reuse of the connection.
	{"close", ok + "Connection: close\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok"}},
	{"close in a list", ok + "connection: Upgrade , CLOSE\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok"}},
	{"close in a second line", ok + "Connection: keep-alive\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok"}},
	{"close as a part of a word", ok + "Connection: closed\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"close with chunks", ok + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false, outcome{status: 200}},
	{"close with HEAD", ok + "Connection: close\r\n\r\n", true, outcome{status: 200}},
	{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok"}},
	{"HTTP/1.0 that keeps alive", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"HTTP/1.0 that says both", "HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok"}},
	{"HTTP/0.9", "HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok"}},
	{"HTTP/0.0 with chunks", "HTTP/0.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false, outcome{status: 200, body: "0\r\n\r\n"}},
	{"HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"HTTP/2.0", "HTTP/2.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false, outcome{status: 200, again: true}},

	// Bytes after the end.
	{"a line too many", ok + "Content-Length: 2\r\n\r\nok\r\n", false, outcome{status: 200, body: "ok", extra: 2}},
	{"a second answer", uvicorn + uvicorn, false, outcome{status: 200, body: `{"label":"cat","score":0.97}`, extra: len(uvicorn)}},
	{"chunks and more", chunked + "0\r\n\r\n0\r\n\r\n", false, outcome{status: 200, extra: 5}},
	{"a farewell", ok + "Content-Length: 0\r\n\r\nHTTP/1.1 408 Request Timeout\r\n\r\n", false, outcome{status: 200, extra: 32}},

	// Status lines.
	{"no reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", false, outcome{status: 200, again: true}},
	{"an empty reason", "HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n", false, outcome{status: 503, again: true}},
	{"blanks before the status", "HTTP/1.1   404 Not  Found\r\nContent-Length: 0\r\n\r\n", false, outcome{status: 404, again: true}},
	{"a strange reason", "HTTP/1.1 999 \x00\xff\r\r\nContent-Length: 0\r\n\r\n", false, outcome{status: 999, again: true}},
	{"LF alone", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a status in letters", "HTTP/1.1 2xx OK\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a status with a sign", "HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a status of 0", "HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"no status", "HTTP/1.1\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a tab in place of a blank", "HTTP/1.1\t200 OK\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a version in small letters", "http/1.1 200 OK\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a version of one digit", "HTTP/1 200 OK\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a version with a comma", "HTTP/1,1 200 OK\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a version in letters", "HTTP/x.1 200 OK\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"an empty line first", "\r\n" + uvicorn, false, outcome{err: ErrMalformed}},
	{"a blank first", " " + uvicorn, false, outcome{err: ErrMalformed}},
	{"another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n", false, outcome{err: ErrMalformed}},

	// Header lines.
	{"a line without a colon", ok + "Content-Length\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a line without a name", ok + ": x\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a name that is none", ok + "a(b): x\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a name beyond ASCII", ok + "n\xc3\xa4me: x\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a tab in a name", ok + "a\t: x\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a blank in a name", ok + "a b : x\r\nContent-Length: 0\r\n\r\n", false, outcome{status: 200, again: true}},
	{"a value beyond ASCII", ok + "A: \xc3\xa4\xff\r\nContent-Length: 0\r\n\r\n", false, outcome{status: 200, again: true}},
	{"a tab in a value", ok + "A: a\tb\r\nContent-Length: 0\r\n\r\n", false, outcome{status: 200, again: true}},
	{"a NUL in a value", ok + "A: a\x00b\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a DEL in a value", ok + "A: a\x7fb\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a CR in a value", ok + "A: a\rb\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"CR CR LF", ok + "A: a\r\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"an empty value", ok + "A:\r\nContent-Length: 0\r\n\r\n", false, outcome{status: 200, again: true}},
	{"a continued line", ok + "A: a\r\n b\r\n\tc\r\nContent-Length:\r\n 2\r\n\r\nok", false, outcome{status: 200, body: "ok", again: true}},
	{"a length in two lines", ok + "Content-Length: 1\r\n 2\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a continued line with LF alone", ok + "A: a\n b\nContent-Length: 0\n\n", false, outcome{status: 200, again: true}},
	{"a blank line that is a continuation", ok + "Content-Length: 0\r\n \r\n\r\n", false, outcome{status: 200, again: true}},
	{"a continuation of nothing", ok + " A: a\r\n\r\n", false, outcome{err: ErrMalformed}},
	{"a name in two lines", ok + "A\r\n b: c\r\n\r\n", false, outcome{err: ErrMalformed}},

	// The stream ends early.
	{"nothing", "", false, outcome{err: ErrNoAnswer}},
	{"a letter", "H", false, outcome{err: ErrShortHeader}},
	{"cut in the status line", "HTTP/1.1 20", false, outcome{err: ErrShortHeader}},
	{"cut after the status line", ok, false, outcome{err: ErrShortHeader}},
	{"cut in a name", ok + "Content-L", false, outcome{err: ErrShortHeader}},
	{"cut in a value", ok + "Content-Length: 2", false, outcome{err: ErrShortHeader}},
	{"cut after a line", ok + "Content-Length: 2\r\n", false, outcome{err: ErrShortHeader}},
	{"cut in the last line", ok + "Content-Length: 2\r\n\r", false, outcome{err: ErrShortHeader}},
	{"cut after a line that is wrong", ok + "Content-Length: 2\r\na(b): x\r\n", false, outcome{err: ErrShortHeader}},
	{"cut after a wrong byte behind a chunk", chunked + "2\r\nokX", false, outcome{status: 200, body: "ok", err: ErrMalformed}},
}

// extensions returns chunks of one byte with chunk extensions of that many
// bytes.
func extensions(lines ...int) (wire string) {
	for _, n := range lines {
		wire += "1;" + strings.Repeat("x", n-len("1;\r\n")) + "\r\na\r\n"
	}
	return wire
}

// uvicorn is a response as uvicorn sends it.
const uvicorn = ok + "date: Mon, 24 Nov 2025 09:30:00 GMT\r\nserver: uvicorn\r\n" +
	"content-length: 28\r\ncontent-type: application/json\r\n\r\n" + `{"label":"cat","score":0.97}`
