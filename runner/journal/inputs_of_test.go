package journal

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/mask"
	"plan/plans"
)

func TestInputsOfAPlan(t *testing.T) {
	plan := &plans.Plan{
		Variables: []plans.Variable{{Name: "users", Value: "[10]"}, {Name: "key", Value: `"hunter2"`, Sensitive: true}},
		Files:     map[string]string{"/a.csv": "00ff"},
	}
	got := InputsOf(plan, "r1", 7)
	if got.Seed != 7 || got.Variables["users"] != (Input{Value: "[10]"}) || got.Files["/a.csv"] != "sha256:00ff" {
		t.Errorf("%+v", got)
	}
	hash := got.Variables["key"].Hash
	if text := string(hash); strings.Contains(text, "hunter2") || !strings.HasPrefix(text, "pbkdf2-sha256:") || got.Variables["key"].Value != "" {
		t.Errorf("%+v", got.Variables["key"])
	}
	again, elsewhere := InputsOf(plan, "r1", 7).Variables["key"].Hash, InputsOf(plan, "r2", 7).Variables["key"].Hash
	if again != hash || elsewhere == hash {
		t.Errorf("%s, again %s, in another run %s", hash, again, elsewhere)
	}

	// Of files of environment variables only a hash is written, too.
	withFiles := func(values ...map[string]string) Digest {
		plan := &plans.Plan{}
		for _, v := range values {
			plan.Services = append(plan.Services, plans.Service{EnvFiles: []plans.EnvFile{{Path: ".env", Values: v}}})
		}
		return InputsOf(plan, "r1", 7).Files[".env"]
	}
	one, two := map[string]string{"KEY": "hunter2"}, map[string]string{"KEY": "hunter3"}
	if hash := withFiles(one); !strings.HasPrefix(string(hash), "pbkdf2-sha256:") || hash != withFiles(one) || hash == withFiles(two) || hash == withFiles(one, two) {
		t.Errorf("%s, of other values %s, of two services %s", hash, withFiles(two), withFiles(one, two))
	}
}

func TestTheHashOfALoad(t *testing.T) {
	secrets := []string{"hunter2hunter2", "hunter3hunter3"}
	of := func(kind plans.Kind, change func(*plans.Workload)) Digest {
		load := plans.Workload{Users: 10, Runtime: time.Minute, Driver: nil, Scenario: plans.Scenario{
			ThinkTime: engine.ThinkTime{Kind: "fixed", Min: time.Second}, Decl: &plans.Decl{},
			Requests: []exchange.Request{{Name: "predict", Method: "POST", Path: "/predict", Header: map[string]string{"Authorization": "hunter2hunter2"},
				Body: []byte(`{"key": "hunter2hunter2", "n": 1}`), Weight: 1, Mask: mask.New([]string{"a"})}},
		}}
		change(&load)
		plan := &plans.Plan{Secrets: secrets, Stages: []plans.Stage{{Address: "check.none"}, {Address: "check.x", Kind: kind, Load: &load}}}
		loads := InputsOf(plan, "r1", 7).Loads
		if len(loads) != 1 || !strings.HasPrefix(string(loads["check.x"]), "sha256:") {
			t.Fatal(loads)
		}
		return loads["check.x"]
	}
	locust := func(l *plans.Workload) { l.Driver = &plans.Driver{Kind: "locust", Data: []byte("one")} }
	same := func(*plans.Workload) {}
	for name, c := range map[string]struct {
		kind          plans.Kind
		before, after func(*plans.Workload)
		differ        bool
	}{
		"nothing":              {plans.Check, same, same, false},
		"runtime":              {plans.Check, same, func(l *plans.Workload) { l.Runtime = 2 * time.Minute }, true},
		"warm-up":              {plans.Check, same, func(l *plans.Workload) { l.WarmUp = time.Second }, true},
		"think time":           {plans.Check, same, func(l *plans.Workload) { l.Scenario.ThinkTime.Min = 1 }, true},
		"a body":               {plans.Check, same, func(l *plans.Workload) { l.Scenario.Requests[0].Body = []byte("{}") }, true},
		"a body on start":      {plans.Check, func(l *plans.Workload) { l.Scenario.OnStart = []exchange.Request{{Body: []byte("a")}} }, func(l *plans.Workload) { l.Scenario.OnStart = []exchange.Request{{Body: []byte("b")}} }, true},
		"a weight":             {plans.Check, same, func(l *plans.Workload) { l.Scenario.Requests[0].Weight = 2 }, true},
		"a header":             {plans.Check, same, func(l *plans.Workload) { l.Scenario.Requests[0].Header["Accept"] = "a" }, true},
		"rows of a feed":       {plans.Check, same, func(l *plans.Workload) { l.Scenario.Feeds = []exchange.Feed{{Name: "rows"}} }, true},
		"users":                {plans.Check, same, func(l *plans.Workload) { l.Users = 20 }, true},
		"users of a ramp":      {plans.Ramp, same, func(l *plans.Workload) { l.Users = 200 }, false},
		"agents":               {plans.Check, same, func(l *plans.Workload) { l.Agents = 4 }, false},
		"a secret in a body":   {plans.Check, same, func(l *plans.Workload) { l.Scenario.Requests[0].Body = []byte(`{"key": "hunter3hunter3", "n": 1}`) }, false},
		"a secret in a header": {plans.Check, same, func(l *plans.Workload) { l.Scenario.Requests[0].Header["Authorization"] = "hunter3hunter3" }, false},
		"a driver":             {plans.Check, same, locust, true},
		"its file":             {plans.Check, locust, func(l *plans.Workload) { l.Driver = &plans.Driver{Kind: "locust", Data: []byte("two")} }, true},
		"its image":            {plans.Check, locust, func(l *plans.Workload) { locust(l); l.Driver.Image = "locust:2" }, false},
		"the name of its file": {plans.Check, locust, func(l *plans.Workload) { locust(l); l.Driver.File = "b.py" }, false},
	} {
		if got := of(c.kind, c.before) != of(c.kind, c.after); got != c.differ {
			t.Errorf("%s: differs is %v", name, got)
		}
	}

	rows := func(values ...string) func(*plans.Workload) {
		return func(l *plans.Workload) {
			f := exchange.Feed{Name: "rows"}
			for _, v := range values {
				f.Rows = append(f.Rows, []json.RawMessage{json.RawMessage(v)})
			}
			l.Scenario.Feeds = []exchange.Feed{f}
		}
	}
	if of(plans.Check, rows("1")) != of(plans.Check, rows("2")) || of(plans.Check, rows("1")) == of(plans.Check, rows("1", "2")) {
		t.Error("with secrets the number of rows counts")
	}
	// With secrets some content is masked, and of the rest the length counts.
	body := func(fill string, length int) func(*plans.Workload) {
		return func(l *plans.Workload) { l.Scenario.Requests[0].Body = bytes.Repeat([]byte(fill), length) }
	}
	then := func(first func(*plans.Workload), text string) func(*plans.Workload) {
		return func(l *plans.Workload) {
			first(l)
			l.Scenario.Requests = append(l.Scenario.Requests, exchange.Request{Name: "next", Body: []byte(text)})
		}
	}
	file := func(change func(*plans.Driver, []byte), fill string, length int) func(*plans.Workload) {
		return func(l *plans.Workload) {
			l.Driver, l.Scenario.Requests[0].Body = &plans.Driver{Kind: "locust"}, nil
			change(l.Driver, bytes.Repeat([]byte(fill), length))
		}
	}
	data := func(d *plans.Driver, text []byte) { d.Data = text }
	requirements := func(d *plans.Driver, text []byte) { d.Requirements = text }
	files := func(d *plans.Driver, text []byte) { d.Files = []plans.DriverFile{{Name: "a.py", Data: text}} }
	for name, c := range map[string]struct {
		before, after func(*plans.Workload)
		differ        bool
	}{
		"a body that is masked":           {body("a", mostMasked), body("b", mostMasked), true},
		"a body that is too long":         {body("a", mostMasked+1), body("b", mostMasked+1), false},
		"its length":                      {body("a", mostMasked+1), body("a", mostMasked+2), true},
		"a short body after it":           {then(body("a", mostMasked+1), "a"), then(body("a", mostMasked+1), "b"), true},
		"a body beyond the limit":         {then(body("a", mostMasked), "a"), then(body("a", mostMasked), "b"), false},
		"a body within the limit":         {then(body("a", mostMasked-1), "a"), then(body("a", mostMasked-1), "b"), true},
		"the driver's file":               {file(data, "a", mostMasked), file(data, "b", mostMasked), true},
		"the driver's file, too long":     {file(data, "a", mostMasked+1), file(data, "b", mostMasked+1), false},
		"a file beside it":                {file(files, "a", mostMasked), file(files, "b", mostMasked), true},
		"a file beside it, too long":      {file(files, "a", mostMasked+1), file(files, "b", mostMasked+1), false},
		"its requirements":                {file(requirements, "a", mostMasked), file(requirements, "b", mostMasked), true},
		"its requirements, too long":      {file(requirements, "a", mostMasked+1), file(requirements, "b", mostMasked+1), false},
		"the length of a file beside it":  {file(files, "a", mostMasked+1), file(files, "a", mostMasked+2), true},
		"a file beside it, of no content": {file(files, "a", 0), file(files, "a", 1), true},
	} {
		if got := of(plans.Check, c.before) != of(plans.Check, c.after); got != c.differ {
			t.Errorf("with secrets, %s: differs is %v", name, got)
		}
	}

	secrets = nil
	if of(plans.Check, body("a", mostMasked+1)) == of(plans.Check, body("b", mostMasked+1)) {
		t.Error("without secrets the whole body counts")
	}
	if of(plans.Check, rows("1")) == of(plans.Check, rows("2")) {
		t.Error("without secrets the rows count")
	}
}

// A secret that is masked only as a whole word could be guessed from the hash of a load.
func TestNoHashOfALoadWithAShortSecret(t *testing.T) {
	for name, c := range map[string]struct {
		secrets []string
		hashed  bool
	}{
		"no secret":                 {nil, true},
		"six characters":            {[]string{"123456"}, true},
		"five characters":           {[]string{"12345"}, false},
		"five characters after six": {[]string{"123456", "äöüäö"}, false},
		"an empty one":              {[]string{""}, true},
	} {
		plan := &plans.Plan{Secrets: c.secrets, Stages: []plans.Stage{{Address: "check.x", Kind: plans.Check, Load: &plans.Workload{
			Users: 1, Scenario: plans.Scenario{Requests: []exchange.Request{{Name: "a", Path: "/pin12345"}}}}}}}
		if loads := InputsOf(plan, "r1", 7).Loads; (loads["check.x"] != "") != c.hashed {
			t.Errorf("%s: %v", name, loads)
		}
	}
}
