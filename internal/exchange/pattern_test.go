package exchange

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// rows returns rows of JSON values, one column each.
func rows(columns int, values ...string) [][]json.RawMessage {
	var all [][]json.RawMessage
	for i, value := range values {
		if i%columns == 0 {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], json.RawMessage(value))
	}
	return all
}

var words = Feed{Name: "words", Order: InOrder, Columns: []string{"word", "the other"}, Rows: rows(2,
	`"a b/ü&\"+"`, `"<\n>"`,
	`-1.50e+3`, `{"x": ["y z"]}`,
	`null`, `true`,
	`"\u00e9"`, `""`,
)}

func pattern(t *testing.T, r Request, feeds ...Feed) *Pattern {
	t.Helper()
	tables, err := NewTables(feeds)
	if err != nil {
		t.Fatal(err)
	}
	p, err := tables.Pattern(r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestForms(t *testing.T) {
	for form, want := range map[Form][8]string{
		FormText:  {`a b/ü&"+`, "<\n>", `-1.50e+3`, `{"x":["y z"]}`, `null`, `true`, `é`, ``},
		FormURL:   {`a%20b%2F%C3%BC%26%22%2B`, `%3C%0A%3E`, `-1.50e%2B3`, `%7B%22x%22%3A%5B%22y%20z%22%5D%7D`, `null`, `true`, `%C3%A9`, ``},
		FormJSON:  {`a b/ü&\"+`, `<\n>`, `-1.50e+3`, `{\"x\":[\"y z\"]}`, `null`, `true`, `é`, ``},
		FormValue: {`"a b/ü&\"+"`, `"<\n>"`, `-1.50e+3`, `{"x":["y z"]}`, `null`, `true`, `"\u00e9"`, `""`},
	} {
		body := Placeholder(form, "words", "word") + "|" + Placeholder(form, "words", "the other")
		p := pattern(t, Request{Path: "/", Body: []byte(body)}, words)
		for row := range words.Rows {
			if got := string(p.Fill(int32(row)).Body); got != want[2*row]+"|"+want[2*row+1] {
				t.Errorf("%s, row %d: %s", form, row, got)
			}
		}
	}
}

func TestARequestIsFilled(t *testing.T) {
	ids := Feed{Name: "ids", Order: Once, Columns: []string{"id"}, Rows: rows(1, `7`, `8`)}
	p := pattern(t, Request{
		Method: "POST", Path: "/ä%2F/" + Placeholder(FormURL, "words", "word") + "?q=" + Placeholder(FormText, "ids", "id"),
		Header: map[string]string{"X-Id": "id " + Placeholder(FormText, "ids", "id"), "Host": Placeholder(FormText, "ids", "id") + ".example"},
		Body:   []byte("~hole0~" + Placeholder(FormValue, "words", "word") + "~holee" + PlaceholderBegin + "text"),
	}, words, ids)
	if len(p.Feeds()) != 2 {
		t.Errorf("takes %v", p.Feeds())
	}
	for range 2 { // filling does not change the pattern
		r := p.Fill(3, 1)
		if got := fmt.Sprintf("%s %v %s", r.Path, r.Header, r.Body); got != `/%C3%A4//%C3%A9?q=8 map[Host:8.example X-Id:id 8] ~hole0~"\u00e9"~holee`+PlaceholderBegin+"text" {
			t.Error(got)
		}
	}
	p = pattern(t, Request{Path: "/a"}, ids)
	if r := p.Fill(); r.Path != "/a" || len(p.Feeds()) != 0 {
		t.Errorf("without holes: %+v", r)
	}
}

// Values of a feed must not change other parts of a request.
func TestTheRestOfAPathStaysAsItIs(t *testing.T) {
	p := pattern(t, Request{Path: "/a%2Fb/" + Placeholder(FormURL, "words", "word") + "/*'()#x"}, words)
	if got := p.Fill(0).Path; got != "/a%2Fb/a%20b%2F%C3%BC%26%22%2B/*'()" {
		t.Error(got)
	}
}

func TestFeedsThatAreWrong(t *testing.T) {
	for want, spoil := range map[string]func(f *Feed){
		`feed "": the name must not be empty`:                                  func(f *Feed) { f.Name = "" },
		`feed "a b": the name must not be empty or contain a blank`:            func(f *Feed) { f.Name = "a b" },
		`feed "other": the name is used twice`:                                 func(f *Feed) { f.Name = "other" },
		`feed "words": unknown order "shuffled"`:                               func(f *Feed) { f.Order = "shuffled" },
		`feed "words": the table has no columns`:                               func(f *Feed) { f.Columns = nil },
		`feed "words": the table has no rows`:                                  func(f *Feed) { f.Rows = nil },
		`feed "words": column 2: the name "word" must be unique`:               func(f *Feed) { f.Columns = []string{"word", "word"} },
		`feed "words": row 2 has 1 values for 2 columns`:                       func(f *Feed) { f.Rows = [][]json.RawMessage{f.Rows[0], f.Rows[1][:1]} },
		`feed "words": row 1, column "the other": nothing is not JSON`:         func(f *Feed) { f.Rows = rows(2, "1", "") },
		`feed "words": row 2, column "word": a is not JSON`:                    func(f *Feed) { f.Rows = rows(2, "1", "2", "a", "2") },
		`feed "words": row 1, column "word": "a" "b" is not JSON`:              func(f *Feed) { f.Rows = rows(2, `"a" "b"`, "2") },
		`feed "words": unknown order "": use in_order, random or once`:         func(f *Feed) { f.Order = "" },
		`feed "words": column 1: the name "" must be unique and not empty`:     func(f *Feed) { f.Columns = []string{"", "a"} },
		`feed "words": row 1 has 3 values for 2 columns`:                       func(f *Feed) { f.Rows = rows(3, "1", "2", "3") },
		`feed "` + PlaceholderEnd + `": the name must not be empty or contain`: func(f *Feed) { f.Name = PlaceholderEnd },
	} {
		feed, other := words, words
		other.Name = "other"
		spoil(&feed)
		if _, err := NewTables([]Feed{other, feed}); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), `\ue001`, PlaceholderEnd), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

func TestWrongPlaceholders(t *testing.T) {
	feeds := []Feed{
		words,
		{Name: "bad", Order: InOrder, Columns: []string{"c"}, Rows: rows(1, `"fine"`, `"a\r\nb"`)},
		{Name: "odd", Order: InOrder, Columns: []string{"list", "del"}, Rows: rows(2, `["a b"]`, `"\u007f"`)},
	}
	tables, err := NewTables(feeds)
	if err != nil {
		t.Fatal(err)
	}
	header := func(name, value string) Request {
		return Request{Path: "/", Header: map[string]string{name: value}}
	}
	for want, r := range map[string]Request{
		`there is no feed "none"`:                {Path: "/" + Placeholder(FormURL, "none", "c")},
		`feed "bad" has no column "d"; it has c`: {Path: "/", Body: []byte(Placeholder(FormURL, "bad", "d"))},
		`unknown form "hex": use text, url, js`:  header("A", Placeholder("hex", "bad", "c")),
		`feed "bad", row 2, column "c": "a\r\nb" is invalid in a header: remove control characters`: header("A", Placeholder(FormText, "bad", "c")),
		`feed "bad", row 2, column "c": "a\r\nb" is invalid in the header Host`:                     header("host", Placeholder(FormText, "bad", "c")),
		`feed "bad", row 2, column "c": "a\r\nb" is invalid in a path: use the form "url"`:          {Path: "/" + Placeholder(FormText, "bad", "c")},
		`feed "words", row 1, column "word": "a b/ü&\"+" is invalid in a path`:                      {Path: "/?" + Placeholder(FormText, "words", "word")},
		`a path must start with "/", before any value of a feed`:                                    {Path: Placeholder(FormText, "bad", "c")},
		`feed "odd", row 1, column "list": "[\"a b\"]" is invalid in a path: use the form "url"`:    {Path: "/" + Placeholder(FormText, "odd", "list")},
		`feed "odd", row 1, column "del": "\x7f" is invalid in a header`:                            header("A", Placeholder(FormJSON, "odd", "del")),
		`invalid URL escape "%zz"`: {Path: "/%zz" + Placeholder(FormURL, "bad", "c")},
	} {
		r.Name = "predict"
		if _, err = tables.Pattern(r); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), `request "predict": `) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// Text that only resembles a placeholder is data.
func TestWhatIsNoHole(t *testing.T) {
	for _, body := range []string{
		PlaceholderBegin, PlaceholderEnd, PlaceholderBegin + PlaceholderEnd, PlaceholderBegin + "text" + PlaceholderEnd, PlaceholderBegin + "text words" + PlaceholderEnd,
		PlaceholderBegin + "Text words word" + PlaceholderEnd, PlaceholderBegin + "text words word", "text words word" + PlaceholderEnd,
		PlaceholderBegin + "text words \xff" + PlaceholderEnd, PlaceholderBegin + " text words word" + PlaceholderEnd, "\ue002text words word\ue003",
	} {
		if p := pattern(t, Request{Path: "/", Body: []byte(body)}, words); len(p.Feeds()) != 0 || string(p.Fill().Body) != body {
			t.Errorf("%q is taken for a hole", body)
		}
	}
}

func TestARequestWithPlaceholdersNeedsItsFeeds(t *testing.T) {
	out := Do(t.Context(), direct(t), "127.0.0.1:1", Request{Name: "predict", Path: "/" + Placeholder(FormURL, "words", "word")})
	if out.Class != Other || out.Detail != `request "predict": there is no feed "words"` {
		t.Errorf("%+v", out)
	}
}

func TestWhatIsSentOfAFilledRequest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Word string }
		err := json.NewDecoder(r.Body).Decode(&body)
		fmt.Fprint(w, r.PathValue("x"), r.URL.Path, "|", r.URL.Query().Get("q"), "|", r.Header.Get("X-Word"), "|", r.Host, "|", body.Word, err)
	}))
	defer server.Close()
	texts := Feed{Name: "texts", Order: InOrder, Columns: []string{"t"}, Rows: rows(1, `"a/b ?&=é%"`, `"c"`)}
	p := pattern(t, Request{Name: "predict", Method: "PUT",
		Path:   "/" + Placeholder(FormURL, "texts", "t") + "/x?q=" + Placeholder(FormURL, "texts", "t"),
		Header: map[string]string{"X-Word": Placeholder(FormText, "texts", "t"), "Host": "model.example"},
		Body:   []byte(`{"word":` + Placeholder(FormValue, "texts", "t") + `}`),
		Checks: []Check{{Text: "nothing"}},
	}, texts)
	sender, err := p.Prepare(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for row, word := range []string{"a/b ?&=é%", "c"} {
		out := sender.Send(t.Context(), direct(t), int32(row))
		want := `the body does not contain "nothing": /` + word + "/x|" + word + "|" + word + "|model.example|" + word + "<nil>"
		if out.Class != CheckFailed || out.Detail != "check 1: "+want || out.Status != 200 || out.Bytes == 0 {
			t.Errorf("%+v\nwant %s", out, want)
		}
	}
}
