package request

import (
	"slices"
	"strings"
	"testing"
)

// TestStatusesOfAScript: a check may allow several statuses.
func TestStatusesOfAScript(t *testing.T) {
	for check, want := range map[string][]int{
		"r.status === 200 || r.status === 201":                {200, 201},
		"r.status == 201 || r.status == 200 || r.status==201": {201, 200},
		"r.status === 204":                                    {204},
		"r.status !== 500":                                    nil,
	} {
		for _, script := range []string{
			`const res = http.get("http://x/a"); check(res, {ok: (r) => ` + check + `});`,
			`check(http.get("http://x/a"), {ok: (r) => ` + check + `}); http.get("http://x/b");`,
			`check(http.get(url()), {ok: (r) => r.status === 999}); const res = http.get("http://x/a");
				check(res, {ok: (r) => ` + check + `});`,
		} {
			s, err := Read("it", []byte(`import http from "k6/http"; export default function () { `+script+` }`), K6)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Requests[0].Status; !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", script, got, want)
			}
		}
	}
}

// TestUsersAtTheStart: the users of a script's start are the first stage.
func TestUsersAtTheStart(t *testing.T) {
	const stages = `stages: [{duration: "30s", target: 20}]`
	const ramp = `{ users = 20, over = "30s" }`
	for options, want := range map[string]string{
		`{scenarios: {a: {executor: "ramping-vus", startVUs: 5, ` + stages + `}}}`: `{ users = 5, over = "0s" }, ` + ramp,
		`{scenarios: {a: {executor: "ramping-vus", startVUs: 0, ` + stages + `}}}`: ramp,
		`{vus: 5, ` + stages + `}`: `{ users = 5, over = "0s" }, ` + ramp,
		`{` + stages + `}`:         ramp,
	} {
		s, err := Read("it", []byte(`import http from "k6/http"; export const options = `+options+`; http.get("http://x/a");`), K6)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(strings.Fields(string(s.Check("api"))), " ")
		if !strings.Contains(got, "stages = [ "+want+", ]") {
			t.Errorf("%s: %s, want %s", options, got, want)
		}
	}
}
