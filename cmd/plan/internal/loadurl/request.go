package loadurl

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"plan/internal/exchange"
)

// methods are the HTTP methods that a load can use.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// Address returns the scheme and the host of a URL.
func Address(u *url.URL) string { return u.Scheme + "://" + u.Host }

// Target parses the URL of a load; the default scheme is http. It returns an error where it is wrong, or may not be
// loaded: its host must be yes unless it is loopback or private.
func Target(ctx context.Context, text, yes string) (*url.URL, error) {
	whole := text
	if !strings.Contains(text, "://") {
		whole = "http://" + text
	}
	u, err := url.Parse(whole)
	if err != nil && strings.Contains(text, "@") {
		return nil, errors.New("the URL is wrong, and is not printed since it may have a password: write %2F for /, " +
			"%40 for @, %25 for %")
	}
	if err != nil {
		var why *url.Error
		if errors.As(err, &why) {
			err = why.Err
		}
		return nil, fmt.Errorf("%q is not a URL: %w", text, err)
	}
	u.RawQuery = strings.ReplaceAll(u.RawQuery, " ", "%20") // url.Parse leaves them
	if u.User != nil {
		text = u.Redacted()
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q: the scheme %s is not known: write http:// or https://", text, u.Scheme)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%q names no host: write it as http://HOST:PORT/PATH", text)
	}
	if port, err := strconv.ParseUint(u.Port(), 10, 16); u.Port() != "" && (err != nil || port == 0) {
		return nil, fmt.Errorf("%q: %s is not a port: write one from 1 to 65535", text, u.Port())
	}
	return u, permitted(ctx, u.Hostname(), yes)
}

// permitted returns an error for a host of which an address is neither loopback nor private, unless yes names it: a
// load on a machine of someone else is an attack. A name that does not resolve is an error of the load itself.
func permitted(ctx context.Context, host, yes string) error {
	if public := exchange.PublicAddress(ctx, host); public != nil && host != yes {
		return fmt.Errorf("%s is %s, which is neither loopback nor private: if you may load it, add --yes-load %s",
			host, public, host)
	}
	return nil
}

// request is what each user sends.
func (a *Flags) request(u *url.URL, stdin io.Reader) (exchange.Request, error) {
	body := []byte(a.body)
	var err error
	if file, ok := strings.CutPrefix(a.body, "@"); ok && file == "-" {
		body, err = io.ReadAll(stdin)
	} else if ok {
		body, err = os.ReadFile(file)
	}
	if err != nil {
		return exchange.Request{}, fmt.Errorf("--body %s: %w", a.body, err)
	}
	method := strings.ToUpper(a.method)
	switch {
	case method == "" && a.changed("body"):
		method = http.MethodPost
	case method == "":
		method = http.MethodGet
	case !slices.Contains(methods, method):
		return exchange.Request{}, fmt.Errorf("--method %q is not known: write one of %s", a.method,
			strings.Join(methods, ", "))
	}
	// The header: the flags, the URL's password, and the Content-Type of a body that is
	// JSON.
	head := map[string]string{}
	for _, h := range a.headers {
		name := http.CanonicalHeaderKey(h.name)
		if _, twice := head[name]; twice {
			return exchange.Request{}, fmt.Errorf("--header %s is set twice: write all its values into one", name)
		}
		if exchange.IsFramingHeader(name) {
			return exchange.Request{}, fmt.Errorf("--header %s: it follows from the body, leave it out", name)
		}
		head[name] = h.value
	}
	if _, said := head["Content-Type"]; !said && json.Valid(body) {
		head["Content-Type"] = "application/json"
	}
	if _, said := head["Authorization"]; said && u.User != nil {
		return exchange.Request{}, errors.New("--header Authorization and a name in the URL cannot go together")
	}
	if u.User != nil {
		password, _ := u.User.Password()
		head["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
	}
	for _, status := range a.status {
		if status < 200 || status > 599 {
			return exchange.Request{}, fmt.Errorf("--expect-status %d is not a status of a response: write one from 200 to 599",
				status)
		}
	}
	return exchange.Request{
		Name: method + " " + cmp.Or(u.EscapedPath(), "/"), Method: method, Path: u.RequestURI(), Header: head, Body: body,
		Weight: 1, Timeout: a.timeout, Status: a.status, Redirects: a.redirects,
		Replay: true, // a load repeats its request in any case
	}, nil
}
