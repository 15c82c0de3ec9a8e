package exchange

import "net/http"

// redirectFollower is an attempt that may follow redirects.
type redirectFollower struct {
	progress
	limit        int // maximum number of redirects
	limitReached bool
}

// client returns a client that follows redirects up to the limit, and returns
// the last response there.
func (f *redirectFollower) client(of *http.Client) *http.Client {
	if f.limit == 0 {
		return of
	}
	follower := *of
	follower.CheckRedirect = func(_ *http.Request, before []*http.Request) error {
		if len(before) > f.limit {
			f.limitReached = true
			return http.ErrUseLastResponse
		}
		f.connections.Store(0)
		f.use.Store(nil)
		f.answered.Store(false)
		return nil
	}
	return &follower
}
