package http1

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
)

// Render returns a request in the same wire format as net/http. host is
// host:port of the service; a Host header replaces it. path includes the query
// and starts with "/". Without an Accept-Encoding header the request asks for
// no encoding.
func Render(method, host, path string, header map[string]string, body []byte) ([]byte, error) {
	request, err := http.NewRequest(method, "http://"+host+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("request to %s%s: %w", host, path, err)
	}
	request.Header.Set("User-Agent", "plan")
	for name, value := range header {
		invalid := func(c byte) bool { return !isToken[c] }
		if name == "" || slices.ContainsFunc([]byte(name), invalid) || slices.ContainsFunc([]byte(value), isControl) {
			return nil, fmt.Errorf("request to %s%s: invalid header %q", host, path, name)
		}
		request.Header.Set(name, value)
	}
	if named := request.Header.Get("Host"); named != "" {
		request.Host = named
	}
	var wire bytes.Buffer
	if err := request.Write(&wire); err != nil {
		return nil, fmt.Errorf("request to %s%s: %w", host, path, err)
	}
	return wire.Bytes(), nil
}
