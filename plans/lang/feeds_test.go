package lang

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
)

// tables are files of feeds.
var tables = map[string]string{
	"users.csv":    "\xef\xbb\xbfid,first name,\"q\"\"\"\r\n7,ann,x\r\n\r\n8,\"b\nob\",\n",
	"items.ndjson": "{\"n\": 1.50, \"list\": [1, null], \"text\": \"a\"}\n\n{\"text\": \"b\", \"n\": 2, \"list\": {}}",
}

const bothFeeds = `
  feed "users" {
    file  = "users.csv"
    order = "once"
  }
  feed "items" {
    file = "items.ndjson"
  }
`

// inURL, inText, inJSON and asValue are holes in their forms.
func inURL(feed, column string) string  { return exchange.Placeholder(exchange.FormURL, feed, column) }
func inText(feed, column string) string { return exchange.Placeholder(exchange.FormText, feed, column) }
func inJSON(feed, column string) string { return exchange.Placeholder(exchange.FormJSON, feed, column) }
func asValue(feed, column string) string {
	return exchange.Placeholder(exchange.FormValue, feed, column)
}

func TestValuesOfFeedsBecomePlaceholdersInTheFormOfTheirPosition(t *testing.T) {
	for lines, want := range map[string]exchange.Request{
		"path = \"/u/${feed.users.id}?n=${feed.users[\"first name\"]}\"\n query = { a = \"<${feed.users.id}>\", b = [1, feed.items.n] }": {
			Path: "/u/" + inURL("users", "id") + "?n=" + inURL("users", "first name") + "&a=%3C" + inURL("users", "id") + "%3E&b=1&b=" + inURL("items", "n"),
		},
		`form = feed.users`: {
			Body: []byte("first+name=" + inURL("users", "first name") + "&id=" + inURL("users", "id") + "&q%22=" + inURL("users", `q"`)),
		},
		`headers = merge({ A = "b" }, { T = "x ${feed.users.id}" })`: {Header: map[string]string{"A": "b", "T": "x " + inText("users", "id")}},
		`body = "id: ${feed.users.id}"`:                              {Body: []byte("id: " + inText("users", "id"))},
		`json = feed.items`: {
			Body: []byte(`{"list":` + asValue("items", "list") + `,"n":` + asValue("items", "n") + `,"text":` + asValue("items", "text") + `}`),
		},
		`json = { a = [feed.users["q\""]], b = "say \"${feed.users.id}", c = true ? feed.items.n : "", d = "${feed.items.n}${feed.items.n}" }`: {
			Body: []byte(`{"a":[` + asValue("users", `q"`) + `],"b":"say \"` + inJSON("users", "id") + `","c":` + asValue("items", "n") + `,"d":"` + inJSON("items", "n") + inJSON("items", "n") + `"}`),
		},
	} {
		if !strings.Contains(lines, "path =") {
			lines = "path = \"/a\"\n" + lines
		}
		s, _ := scenario(t, bothFeeds+"request \"r\" {\n"+lines+"\n}", tables, Options{})
		got := s.Requests[0]
		if want.Path != "" && got.Path != want.Path {
			t.Errorf("%s\n got %q\nwant %q", lines, got.Path, want.Path)
		}
		if want.Body != nil && string(got.Body) != string(want.Body) {
			t.Errorf("%s\n got %q\nwant %q", lines, got.Body, want.Body)
		}
		if want.Header != nil && !cmp.Equal(got.Header, want.Header) {
			t.Errorf("%s\n got %q\nwant %q", lines, got.Header, want.Header)
		}
	}
}

func TestPartsTakeValuesOfFeeds(t *testing.T) {
	s, _ := scenario(t, bothFeeds+`
  auth {
    bearer = feed.users.id
  }
  request "r" {
    path      = "/a"
    multipart = { a = feed.items.text }
  }`, tables, Options{})
	if q := s.Requests[0]; !strings.Contains(string(q.Body), "\r\n"+inText("items", "text")+"\r\n") || q.Header["Authorization"] != "Bearer "+inText("users", "id") {
		t.Errorf("got %q, %q", q.Body, q.Header)
	}
}

func TestRowsOfFeeds(t *testing.T) {
	s, _ := scenario(t, bothFeeds+`
  feed "unused" {
    file = "users.csv"
  }
  request "r" {
    path = "/${feed.users.id}/${feed.items.n}"
  }
  on_start {
    request "login" {
      path = "/${feed.users.id}"
    }
  }`, tables, Options{})
	rows := func(lines ...string) (rows [][]json.RawMessage) {
		for _, line := range lines {
			var row []json.RawMessage
			for _, v := range strings.Split(line, "|") {
				row = append(row, json.RawMessage(v))
			}
			rows = append(rows, row)
		}
		return rows
	}
	want := []exchange.Feed{
		{Name: "users", Order: exchange.Once, PerUser: true, Columns: []string{"id", "first name", `q"`}, Rows: rows(`"7"|"ann"|"x"`, `"8"|"b\nob"|""`)},
		{Name: "items", Order: exchange.InOrder, Columns: []string{"list", "n", "text"}, Rows: rows(`[1, null]|1.50|"a"`, `{}|2|"b"`)},
	}
	if diff := cmp.Diff(want, s.Feeds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFeedsThatAUserKeeps(t *testing.T) {
	const start = "on_start {\n request \"login\" {\n path = \"/login\"\n }\n}\n"
	const everywhere = "headers = { T = feed.users.id }\n auth {\n bearer = feed.items.text\n }\n"
	for lines, want := range map[string][]bool{
		everywhere:         {false, false},
		everywhere + start: {true, true},
		start:              {false, false},
	} {
		s, _ := scenario(t, bothFeeds+lines+"request \"r\" {\n path = \"/${feed.users.id}/${feed.items.n}\"\n}", tables, Options{})
		var got []bool
		for _, f := range s.Feeds {
			got = append(got, f.PerUser)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", lines, got, want)
		}
	}
}

func TestRunTakesTheRowsThatThePlanWasCheckedWith(t *testing.T) {
	s, p := scenario(t, bothFeeds+`
  request "r" {
    path = "/${feed.users.id}/${search.memory.found.memory}"
  }`, tables, Options{})
	if s.Requests[0].Path != "" || !slices.Contains(p.Stages[1].Unknown, "scenario.request.path") {
		t.Errorf("got %+v", p.Stages[1])
	}
	if err := os.Remove(filepath.Join(filepath.Dir(p.File), "users.csv")); err != nil {
		t.Fatal(err)
	}
	stage, err := p.Resolve("check.c", plans.Known{Stages: map[string]plans.StageResult{"search.memory": {Found: &plans.Point{Settings: plans.Settings{Limits: plans.Limits{Memory: units.MiB}}}}}})
	if err != nil || stage.Load.Scenario.Requests[0].Path != "/"+inURL("users", "id")+"/1M" || len(stage.Load.Scenario.Feeds[0].Rows) != 2 {
		t.Errorf("got %+v, %v", stage.Load.Scenario, err)
	}
}

func TestTablesThatAreNone(t *testing.T) {
	for _, c := range []struct{ file, data, want string }{
		{"a.csv", "a,b\n1,2\n\"3", "line 3: extraneous or missing \" in quoted-field"},
		{"a.csv", "a,\n1,2", "line 1: column 2 has no name"},
		{"a.csv", "a\xff\n1", "the file is not UTF-8 text"},
		{"a.csv", "", "the file has no rows"},
		{"a.csv", "a\n\n", "the file has no rows"},
		{"a.csv", "a\ue001\n1", "line 1: the name \"a\\ue001\" has a character that marks values of feeds"},
		{"a.CSV", "a,b\n\n1,2,3", "line 3 has 3 values, but the first line names 2 columns"},
		{"a.jsonl", "null", "line 1 is not a JSON object"},
		{"a.jsonl", "{\"a\": 1}\n{\"a\": 1} x", "line 2 is not a JSON object"},
		{"a.jsonl", "{\"a\": 1}\n{\"a\": 1, \"b\": 2}", "line 2 has \"b\", but the lines before it have not"},
		{"a.jsonl", "{}\n{}", "the file has no columns"},
	} {
		if _, err := readTable(c.file, []byte(c.data)); err == nil || err.Error() != c.want {
			t.Errorf("%q: got %v, want %s", c.data, err, c.want)
		}
	}
}
