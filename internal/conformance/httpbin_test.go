package conformance

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mccutchen/go-httpbin/v2/httpbin"

	"plan/engine"
	"plan/internal/exchange"
)

// asked lists the routes of go-httpbin that a client can get wrong, with their
// statuses; 0 means 200.
var asked = []struct {
	request exchange.Request
	status  int
}{
	{request: get("/get?a=b&c=%20d")},
	{request: get("/get", "X-Key", "value, another", "Accept", "application/json")},
	{request: exchange.Request{Method: "HEAD", Path: "/head"}},
	{request: exchange.Request{Method: "HEAD", Path: "/bytes/1000"}},
	{request: sends("POST", "/post", "application/json", `{"inputs": [[1, 2, 3]]}`)},
	{request: sends("POST", "/post", "application/x-www-form-urlencoded", "a=b&c=d+e%26")},
	{request: sends("POST", "/post", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n\x00\xff\r\n--x--\r\n")},
	{request: sends("POST", "/post", "text/plain", "")},
	{request: sends("POST", "/anything/large", "text/plain", strings.Repeat("0123456789", 30_000))},
	{request: sends("PUT", "/put", "application/json", `{}`)},
	{request: sends("PATCH", "/patch", "application/json", `{}`)},
	{request: sends("DELETE", "/delete", "application/json", `{}`)},
	{request: exchange.Request{Method: "OPTIONS", Path: "/get"}},
	{request: get("/post"), status: 405},
	{request: get("/headers")},
	{request: get("/user-agent")},
	{request: get("/dump/request")},
	{request: get("/status/200")},
	{request: get("/status/201"), status: 201},
	{request: get("/status/204"), status: 204},
	{request: get("/status/205"), status: 205},
	{request: get("/status/304"), status: 304},
	{request: get("/status/400"), status: 400},
	{request: get("/status/418"), status: 418},
	{request: get("/status/429"), status: 429},
	{request: get("/status/500"), status: 500},
	{request: get("/status/503"), status: 503},
	{request: get("/unstable?failure_rate=1"), status: 500},
	{request: get("/unstable?failure_rate=0")},
	{request: get("/nowhere"), status: 404},
	{request: get("/redirect/2"), status: 302},
	{request: get("/relative-redirect/2"), status: 302},
	{request: get("/absolute-redirect/2"), status: 302},
	{request: get("/redirect-to?url=/get&status_code=307"), status: 307},
	{request: get("/cookies/set?a=b"), status: 302},
	{request: get("/cookies", "Cookie", "a=b")},
	{request: get("/basic-auth/user/secret", "Authorization", basic("user:secret"))},
	{request: get("/basic-auth/user/secret"), status: 401},
	{request: get("/hidden-basic-auth/user/secret"), status: 404},
	{request: get("/bearer", "Authorization", "Bearer token")},
	{request: get("/bearer"), status: 401},
	{request: get("/digest-auth/auth/user/secret"), status: 401},
	{request: get("/gzip", "Accept-Encoding", "gzip")},
	{request: get("/deflate", "Accept-Encoding", "deflate")},
	{request: get("/encoding/utf8")},
	{request: get("/html")},
	{request: get("/json")},
	{request: get("/xml")},
	{request: get("/image/png")},
	{request: get("/image", "Accept", "image/webp")},
	{request: get("/robots.txt")},
	{request: get("/deny")},
	{request: get("/forms/post")},
	{request: get("/links/5/0")},
	{request: get("/base64/decode/cGxhbg==")},
	{request: get("/response-headers?X-A=b&Content-Type=text/plain")},
	{request: get("/bytes/0?seed=1")},
	{request: get("/bytes/100000?seed=1")},
	{request: get("/stream-bytes/10000?seed=1&chunk_size=100")},
	{request: get("/range/1000")},
	{request: get("/range/1000", "Range", "bytes=10-99"), status: 206},
	{request: get("/range/1000", "Range", "bytes=2000-"), status: 416},
	{request: get("/stream/5")},
	{request: get("/drip?numbytes=5&duration=20ms&delay=0")},
	{request: get("/drip?numbytes=5&duration=20ms&delay=0&code=500"), status: 500},
	{request: get("/delay/0.02")},
	{request: get("/sse?count=3&duration=20ms&delay=0")},
	{request: get("/trailers?A=b")},
	{request: get("/etag/x", "If-None-Match", `"x"`), status: 304},
	{request: get("/etag/x", "If-Match", `"y"`), status: 412},
	{request: get("/cache")},
	{request: get("/cache", "If-None-Match", "x"), status: 304},
	{request: get("/cache/60")},
	{request: get("/uuid")},
	{request: get("/hostname")},
	{request: get("/ip")},
	{request: get("/websocket/echo"), status: 400},
	{request: get("/get", "Connection", "close")},
}

func get(path string, header ...string) exchange.Request {
	r := exchange.Request{Path: path, Header: map[string]string{}}
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = header[i+1]
	}
	return r
}

func sends(method, path, kind, body string) exchange.Request {
	return exchange.Request{Method: method, Path: path, Header: map[string]string{"Content-Type": kind}, Body: []byte(body)}
}

func basic(login string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(login)) }

// TestHTTPBin compares the engine's reading of each response with net/http's:
// the status and the length, and every byte if the response is constant.
func TestHTTPBin(t *testing.T) {
	onAll(t, []way{loops, clients, secured, second}, func(t *testing.T, by way) {
		for i, a := range asked {
			t.Run(fmt.Sprint(i, a.request.Method, a.request.Path), func(t *testing.T) {
				t.Parallel()
				if a.status == 0 {
					a.status = http.StatusOK
				}
				a.request.Status = []int{a.status}
				compare(t, by, a.request)
			})
		}
	})
}

// compare sends with the engine what net/http sent before.
func compare(t *testing.T, by way, r exchange.Request) {
	b := openBin(t, by)
	status, body := b.read(t, r)
	again, same := b.read(t, r)
	if status != r.Status[0] || again != status || len(same) != len(body) {
		t.Fatalf("net/http reads %d and %d bytes, then %d and %d; want %d", status, len(body), again, len(same), r.Status[0])
	}
	if body == same && body != "" && r.Header["Accept-Encoding"] == "" {
		r.Checks = []exchange.Check{{Text: body}}
	}
	total := b.ask(t, r).Total
	if total.Bytes != total.OK*int64(len(body)) {
		t.Errorf("%d bytes in %d answers of %d", total.Bytes, total.OK, len(body))
	}
}

// bin is a server of go-httpbin. It ends a load after its number of responses.
type bin struct {
	by     way
	server *httptest.Server
	left   atomic.Int64
	enough context.CancelFunc
}

// answers is the number of responses that a load gets.
const answers = 5

func openBin(t *testing.T, by way) *bin {
	b := &bin{by: by}
	b.left.Store(1 << 40)
	handler := http.StripPrefix(by.path, httpbin.New(httpbin.WithMaxBodySize(1<<20)))
	b.server = serve(t, by, func(w http.ResponseWriter, r *http.Request) {
		if b.left.Add(-1) < 0 {
			io.Copy(io.Discard, r.Body) // without this the client's end is not noticed
			b.enough()
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // a return would send a response
		}
		handler.ServeHTTP(w, r)
	})
	return b
}

// address returns host:port.
func (b *bin) address() string { return b.server.Listener.Addr().String() }

// read sends the engine's request with net/http.
func (b *bin) read(t *testing.T, r exchange.Request) (status int, body string) {
	t.Helper()
	request, err := http.NewRequest(r.Method, b.by.base(b.address())+r.Path, strings.NewReader(string(r.Body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", "plan")
	for name, value := range r.Header {
		request.Header.Set(name, value)
	}
	client := b.server.Client()
	client.Transport.(*http.Transport).DisableCompression = true
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// ask sends requests with one user of the engine, until the server has
// responded often enough. It follows as many redirects as there are.
func (b *bin) ask(t *testing.T, r exchange.Request, onStart ...exchange.Request) engine.Result {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b.enough = cancel
	b.left.Store(int64(answers*(1+r.Redirects) + len(onStart)))
	r.Name, r.Weight = "asked", 1
	result := b.by.run(ctx, t, engine.Load{Users: 1, Runtime: 20 * time.Second, Requests: []exchange.Request{r}, OnStart: onStart}, b.address())
	only(t, result, exchange.OK)
	if c := result.ByRequest["asked"]; c.OK != answers || *c.InFlight != 1 {
		t.Errorf("%d OK and %d in flight, want %d and 1", c.OK, *c.InFlight, answers)
	}
	return result
}

// TestCookiesOfHTTPBin keeps the cookies of a login.
func TestCookiesOfHTTPBin(t *testing.T) {
	onAll(t, []way{loops, clients, secured, second}, func(t *testing.T, by way) {
		login := get("/cookies/set?session=abc&theme=dark")
		login.Name, login.Status = "login", []int{302}
		r := get("/cookies")
		r.Checks = []exchange.Check{{Path: "$.cookies.session", Equals: []byte(`"abc"`)}, {Path: "$.cookies.theme", Equals: []byte(`"dark"`)}}
		openBin(t, by).ask(t, r, login)
	})
}

// TestRedirectsOfHTTPBin follows redirects up to the limit.
func TestRedirectsOfHTTPBin(t *testing.T) {
	onAll(t, []way{secured, second}, func(t *testing.T, by way) {
		for _, path := range []string{"/redirect/4", "/relative-redirect/4", "/absolute-redirect/4", "/redirect-to?url=/redirect/3"} {
			r := get(path)
			r.Redirects = 4
			openBin(t, by).ask(t, r)
		}
	})
}

// TestPackedAnswersOfHTTPBin checks compressed responses.
func TestPackedAnswersOfHTTPBin(t *testing.T) {
	onAll(t, []way{loops, clients, secured, second}, func(t *testing.T, by way) {
		r := get("/gzip", "Accept-Encoding", "gzip")
		r.Checks = []exchange.Check{{Path: "$.gzipped", Equals: []byte("true")}}
		openBin(t, by).ask(t, r)
	})
}
