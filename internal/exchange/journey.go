package exchange

import "net/http"

// journey is an attempt with the redirects that it follows.
type journey struct {
	progress
	limit   int // of redirects
	tooLong bool
}

// client is a client that follows as many redirects as the limit says, and then
// takes what it has.
func (j *journey) client(of *http.Client) *http.Client {
	if j.limit == 0 {
		return of
	}
	follower := *of
	follower.CheckRedirect = func(_ *http.Request, before []*http.Request) error {
		if len(before) > j.limit {
			j.tooLong = true
			return http.ErrUseLastResponse
		}
		j.goOn()
		return nil
	}
	return &follower
}
