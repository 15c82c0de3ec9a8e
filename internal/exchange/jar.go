package exchange

import (
	"net/http"
	"net/url"
	"slices"
)

// Jar holds the cookies of one user, whose service is one host: it looks at no
// domain and no path, and a cookie lasts until the service takes it back, with
// an empty value or a Max-Age of 0. It is an http.CookieJar.
type Jar struct {
	cookies []*http.Cookie
	header  []byte
}

// Set takes the value of a Set-Cookie. What is none is let be, as net/http does.
func (j *Jar) Set(value string) {
	if cookie, err := http.ParseSetCookie(value); err == nil {
		j.put(cookie)
	}
}

// put adds, changes or removes a cookie.
func (j *Jar) put(c *http.Cookie) {
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
		j.cookies = append(j.cookies, kept)
	}
	j.write()
}

func (j *Jar) write() {
	j.header = j.header[:0]
	for i, cookie := range j.cookies {
		if i > 0 {
			j.header = append(j.header, "; "...)
		}
		j.header = append(j.header, cookie.String()...)
	}
}

// Header is the value of the header Cookie, empty without cookies. It is good
// until the next cookie comes.
func (j *Jar) Header() []byte { return j.header }

// SetCookies takes the cookies of an answer.
func (j *Jar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	for _, cookie := range cookies {
		j.put(cookie)
	}
}

// Cookies are those to send.
func (j *Jar) Cookies(*url.URL) []*http.Cookie { return j.cookies }
