package exchange

import (
	"net/http"
	"net/url"
	"slices"
)

// Limits of a Jar, as in browsers: without them a service that sets another cookie
// with each response would make the requests longer and longer.
const (
	maxCookies     = 180
	maxCookieBytes = 4096 // of name and value
)

// Jar is an http.CookieJar with the cookies of one user of one host. It ignores
// domains and paths; a client must not use it for other hosts. A cookie lasts until
// the service removes it with an empty value or a Max-Age of 0, or until the limit
// is exceeded; then the oldest cookie is removed.
type Jar struct {
	cookies []*http.Cookie
	header  []byte
}

// Set stores a cookie from a Set-Cookie value. It ignores invalid values, as
// net/http does.
func (j *Jar) Set(value string) {
	if cookie, err := http.ParseSetCookie(value); err == nil {
		j.put(cookie)
	}
}

// put adds, replaces or removes a cookie.
func (j *Jar) put(c *http.Cookie) {
	if len(c.Name)+len(c.Value) > maxCookieBytes {
		return
	}
	at := slices.IndexFunc(j.cookies, func(old *http.Cookie) bool { return old.Name == c.Name })
	kept := &http.Cookie{Name: c.Name, Value: c.Value, Quoted: c.Quoted}
	switch gone := c.MaxAge < 0 || c.Value == ""; {
	case gone && at >= 0:
		j.cookies = slices.Delete(j.cookies, at, at+1)
	case gone, at >= 0 && j.cookies[at].String() == kept.String():
		return
	case at >= 0:
		j.cookies[at] = kept
	default:
		j.cookies = append(j.cookies[max(0, len(j.cookies)+1-maxCookies):], kept)
	}
	j.render()
}

func (j *Jar) render() {
	j.header = j.header[:0]
	for i, cookie := range j.cookies {
		if i > 0 {
			j.header = append(j.header, "; "...)
		}
		j.header = append(j.header, cookie.String()...)
	}
}

// Header returns the value of the Cookie header; empty without cookies. The
// slice is valid until the next cookie is set.
func (j *Jar) Header() []byte { return j.header }

// SetCookies stores the cookies of a response.
func (j *Jar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	for _, cookie := range cookies {
		j.put(cookie)
	}
}

// Cookies returns the cookies to send.
func (j *Jar) Cookies(*url.URL) []*http.Cookie { return j.cookies }
