// Package reach asks addresses what is there. It knows nothing of what is done with the
// answer.
package reach

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Accepts reports whether something accepts connections at an address, host:port.
func Accepts(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// Registry reports whether images are pulled from an address, with TLS or without. It
// reads only a header, so that any certificate is accepted.
func Registry(ctx context.Context, address string) bool {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	defer transport.CloseIdleConnections()
	serves := func(scheme string) bool {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+address+"/v2/", nil)
		if err != nil {
			return false
		}
		response, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.Header.Get("Docker-Distribution-Api-Version") != ""
	}
	return serves("http") || serves("https")
}

// Fetch requests a URL, as a user if there is one, and with a JSON body unless it is "". It returns the
// status and the body; one that is longer than a document can be is cut.
func Fetch(ctx context.Context, method, address, json string, user *url.Userinfo) (int, []byte, error) {
	const most = 8 << 20
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(json))
	if err != nil {
		return 0, nil, err
	}
	if json != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if user != nil {
		password, _ := user.Password()
		r.SetBasicAuth(user.Username(), password)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, most))
	return response.StatusCode, body, err
}
