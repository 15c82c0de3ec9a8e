package http1

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
)

// Render makes the bytes of a request, as net/http sends it. The host is
// host:port of the service; a header Host goes out in its place. The path has
// its query and starts with "/". No other encoding than identity is asked for
// unless a header does it.
func Render(method, host, path string, header map[string]string, body []byte) ([]byte, error) {
	request, err := http.NewRequest(method, "http://"+host+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("request to %s%s: %w", host, path, err)
	}
	request.Header.Set("User-Agent", "plan")
	for name, value := range header {
		if !isHeader(name, value) {
			return nil, fmt.Errorf("request to %s%s: the header %q cannot be sent", host, path, name)
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

// isHeader tells whether a header may stand on the wire.
func isHeader(name, value string) bool {
	return name != "" &&
		!slices.ContainsFunc([]byte(name), func(c byte) bool { return !isToken[c] }) &&
		!slices.ContainsFunc([]byte(value), isControl)
}
