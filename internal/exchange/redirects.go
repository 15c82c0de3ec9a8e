package exchange

import (
	"fmt"
	"net/http"
)

// redirectFollower is an attempt that may follow redirects.
type redirectFollower struct {
	progress
	request     *Request
	notFollowed string // why the last response counts although it is a redirect; "" otherwise
	location    string // where the response leads, if no redirect is to be followed
}

// client returns a client that follows redirects up to the limit of the request,
// and returns the last response there. It follows them to the host of the request
// and to addresses that are loopback or private: who may send a load to one host
// may not send it to every host that this one names.
func (f *redirectFollower) client(of *http.Client) *http.Client {
	follower, limit := *of, f.request.Redirects
	if limit == 0 {
		follower.Transport = locationHider{of.Transport, &f.location}
		return &follower
	}
	follower.CheckRedirect = func(next *http.Request, before []*http.Request) error {
		if len(before) > limit {
			f.notFollowed = fmt.Sprintf("more than %d redirects", limit)
			return http.ErrUseLastResponse
		}
		follower.Jar = of.Jar
		if host := next.URL.Hostname(); host != before[0].URL.Hostname() {
			follower.Jar = nil // the cookies are those of the host of the request
			if public := PublicAddress(next.Context(), host); public != nil {
				f.notFollowed = fmt.Sprintf(
					"a redirect to %s is not followed: it is %s, which is neither loopback nor private", f.request.quote(host), public)
				return http.ErrUseLastResponse
			}
		}
		f.connections.Store(0)
		f.use.Store(nil)
		f.answered.Store(false)
		return nil
	}
	return &follower
}

// locationHider keeps the Location of responses from http.Client, which would fail
// if it is not a URL.
type locationHider struct {
	http.RoundTripper
	location *string // the header of the last response
}

func (h locationHider) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := h.RoundTripper.RoundTrip(r)
	if err == nil {
		*h.location = response.Header.Get("Location")
		response.Header.Del("Location")
	}
	return response, err
}
