package inference

import (
	"context"
	"net"
	"net/http"
	"time"

	"plan/internal/exchange"
)

// Answers are what became of some requests of one user.
type Answers struct {
	Outcomes []exchange.Outcome // up to the one that ended it
	Cookies  string             // that the user then has, as the header Cookie has them; "" for none
}

// First sends one of each request to the API at address, in order and as one
// user, which keeps the cookies that it is given. One that is refused or
// answered 503 is sent again as long as within has not passed. It ends at the
// first that fails: the last outcome tells which.
func First(ctx context.Context, address string, requests []exchange.Request, within time.Duration) Answers {
	client := exchange.NewClient((&net.Dialer{}).DialContext, true, &exchange.KeepAlives{})
	jar := &exchange.Jar{}
	client.Jar = jar
	defer client.CloseIdleConnections()
	patience, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	outcomes := make([]exchange.Outcome, 0, len(requests))
	for _, request := range requests {
		outcome := repeat(patience, early, func() exchange.Outcome { return exchange.Do(ctx, client, address, request) })
		outcomes = append(outcomes, outcome)
		if outcome.Class != exchange.OK {
			break
		}
	}
	return Answers{outcomes, string(jar.Header())}
}

// Again sends one of each request to an API that has answered before, in order,
// and ends at the first that gets no answer in the time that it may take. Any
// status is an answer; a connection that is refused or breaks is none, and is
// tried again in that time.
func Again(ctx context.Context, address string, requests []exchange.Request) []exchange.Outcome {
	client := exchange.NewClient((&net.Dialer{}).DialContext, true, &exchange.KeepAlives{})
	defer client.CloseIdleConnections()
	outcomes := make([]exchange.Outcome, 0, len(requests))
	for _, request := range requests {
		patience, cancel := context.WithTimeout(ctx, request.EffectiveTimeout())
		outcome := repeat(patience, mute, func() exchange.Outcome { return exchange.Do(ctx, client, address, request) })
		cancel()
		outcomes = append(outcomes, outcome)
		if mute(outcome) {
			break
		}
	}
	return outcomes
}

// repeat sends as long as the answer is one to send again after, and ctx has
// not ended.
func repeat(ctx context.Context, again func(exchange.Outcome) bool, send func() exchange.Outcome) exchange.Outcome {
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		outcome := send()
		if !again(outcome) {
			return outcome
		}
		select {
		case <-ctx.Done():
			return outcome
		case <-time.After(pause):
		}
	}
}

// early says whether an answer is that of a service which is not there yet.
func early(o exchange.Outcome) bool {
	return o.Class == exchange.Refused || o.Class != exchange.OK && o.Status == http.StatusServiceUnavailable
}

// mute says whether no answer came at all.
func mute(o exchange.Outcome) bool { return o.Status == 0 }
