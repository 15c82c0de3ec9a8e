package readiness

import (
	"context"
	"testing"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/inference"
	"plan/plans"
)

// refuses is an agent whose probes end as a text says.
type refuses string

func (r refuses) Ready(context.Context, inference.Probe) (bool, error) {
	return false, &agent.NotReady{Last: string(r)}
}

func TestWhereAServerServesByItsLog(t *testing.T) {
	const refused = "refused: dial tcp 10.0.0.1:8000: connect: connection refused"
	const flask = "* Running on all addresses (0.0.0.0)\n* Running on http://127.0.0.1:5000\n* Running on http://172.20.0.3:5000\n"
	for name, c := range map[string]struct{ last, log, want string }{
		"another port": {refused, flask, refused + "; by its log it serves on port 5000, not on 8000: name that port"},
		"loopback alone": {refused, "INFO: Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)", refused +
			"; by its log it serves on port 8000 of its loopback address alone, which no other container reaches: start it with the host 0.0.0.0"},
		"IPv6":       {refused, "Listening at: http://[::1]:8000 (7)", refused + "; by its log it serves on port 8000 of its loopback address alone, which no other container reaches: start it with the host 0.0.0.0"},
		"two ports":  {refused, "Listening at: http://0.0.0.0:80 (7)\nlistening on http://0.0.0.0:81", refused + "; by its log it serves on port 80 and 81, not on 8000: name that port"},
		"the port":   {refused, "Listening at: http://0.0.0.0:8000 (7)", refused},
		"no log":     {refused, "starting", refused},
		"an answer":  {"HTTP 503", flask, "HTTP 503"},
		"a client's": {refused, "GET http://10.0.0.9:9000/models", refused},
	} {
		got, err := Wait(t.Context(), refuses(c.last), &fake{log: c.log}, plans.Service{
			Name: "api", Ready: plans.Ready{TCP: 8000, Within: time.Second},
		}, containers.Subject)
		if err != nil || got.NotReady != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got.NotReady, err, c.want)
		}
	}
}
