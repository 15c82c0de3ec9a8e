package formats

import (
	"bytes"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plan/engine"
	"plan/internal/exchange"
	"plan/report/fixture"
	"plan/runner"
)

func TestRequestLines(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/requests.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	load := runner.ExchangeLoad{
		Trial: "ramp.users/3", Addresses: []string{"10.0.0.2:8000", "https://[::1]:8443"},
		Requests: []exchange.Request{{Name: "predict", Method: "POST"}, {Name: "<login>", Method: "GET"}},
	}
	at := fixture.Begun.Add(1500 * time.Microsecond).UnixNano()
	for want, e := range map[string]engine.Exchange{
		`{"timestamp":"2026-03-01T12:00:00.0015Z","plan.trial":"ramp.users/3","plan.request":"predict","http.request.method":"POST","server.address":"10.0.0.2","server.port":8000,"http.client.request.duration":0.0123,"http.response.status_code":200,"http.response.body.size":32,"plan.lateness":0.0001,"plan.judged":true}`: {
			Began: at, Took: 12300 * time.Microsecond, Status: 200, Bytes: 32, Lateness: 100 * time.Microsecond, Judged: true},
		`{"timestamp":"2026-03-01T12:00:00.0015Z","plan.trial":"ramp.users/3","plan.request":"<login>","http.request.method":"GET","server.address":"::1","server.port":8443,"http.client.request.duration":10,"http.response.body.size":0,"error.type":"timeout","http.request.resend_count":1,"plan.lateness":0,"plan.judged":false}`: {
			Request: 1, Endpoint: 1, Began: at, Took: 10 * time.Second, Class: exchange.Timeout, Retried: true},
	} {
		var b bytes.Buffer
		if err := RequestLine(&b, load, e); err != nil {
			t.Fatal(err)
		}
		if b.String() != want+"\n" {
			t.Errorf("got  %s\nwant %s", b.String(), want)
		}
		if err := valid(t, schema, b.Bytes()); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{`{}`, `{"timestamp":"2026-03-01T12:00:00Z","plan.trial":"x"}`} {
		if valid(t, schema, []byte(bad)) == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
