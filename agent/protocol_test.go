package agent

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/exchange"
	"plan/internal/metrics"
)

// examples returns the lines in the document.
func examples(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/agent-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for i, block := range strings.Split(string(text), "```") {
		if code, ok := strings.CutPrefix(block, "json\n"); ok && i%2 == 1 {
			lines = append(lines, strings.Split(strings.TrimSpace(code), "\n")...)
		}
	}
	return lines
}

// holes replaces escape sequences by the invisible characters of placeholders.
var holes = strings.NewReplacer(`\ue000`, exchange.PlaceholderBegin, `\ue001`, exchange.PlaceholderEnd)

// TestDocumentShowsTheProtocol: every line in the document has a known type and
// known fields, and is in the form that we write.
func TestDocumentShowsTheProtocol(t *testing.T) {
	types := map[string]bool{}
	for _, line := range examples(t) {
		var m message
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&m); err != nil {
			t.Errorf("%s\n%v", line, err)
			continue
		}
		types[m.Type] = true
		written, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		shown := holes.Replace(line)
		if m.Result == nil && string(written) != shown { // a result is shown in part
			t.Errorf("shown   %s\nwritten %s", shown, written)
		}
	}
	for _, want := range []string{typeHello, typeHost, typePrepared, typeWindow, typeDone, typeError, typeReady, typeFirst, typeAgain, typeConnect, typeOver, typeLoad, typeStart, typeFetch, typeCancel, typeHeartbeat} {
		if !types[want] {
			t.Errorf("the document shows no line of type %q", want)
		}
	}
}

// TestDocumentListsThePercentiles: the fields of a latency in the table of
// `total` and in the example of a window are the percentiles that are measured.
func TestDocumentListsThePercentiles(t *testing.T) {
	var want []string
	for _, m := range metrics.Percentiles() {
		want = append(want, m.Name)
	}
	text, err := os.ReadFile("../docs/agent-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, row, found := strings.Cut(string(text), "`latency_failed` with ")
	row, _, _ = strings.Cut(row, " |")
	if got := strings.Split(strings.NewReplacer("`", "", " and ", ", ").Replace(row), ", "); !found || !slices.Equal(got, want) {
		t.Errorf("docs/agent-protocol.md lists the percentiles %q of a latency, want %q", got, want)
	}
	for _, line := range examples(t) {
		var m struct {
			Window *struct {
				Latency map[string]float64 `json:"latency_ok"`
			}
		}
		if json.Unmarshal([]byte(line), &m) != nil || m.Window == nil {
			continue
		}
		if got := slices.Sorted(maps.Keys(m.Window.Latency)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("the window in docs/agent-protocol.md shows the percentiles %q, want %q", got, want)
		}
		return
	}
	t.Error("docs/agent-protocol.md shows no window")
}

// said runs an agent that reads some lines and then nothing, and returns its
// output of one second.
func said(t *testing.T, input string) []message {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		in, lines := io.Pipe()
		go func() {
			io.WriteString(lines, input)
			time.Sleep(time.Second)
			lines.Close()
		}()
		start := time.Now()
		err := serve(t.Context(), in, &out, Hello{Version: Version}, idle(new(atomic.Int64)))
		if took := time.Since(start); err != nil || took != time.Second {
			t.Errorf("input ended after 1s, the agent after %v with %v", took, err)
		}
		synctest.Wait()
	})
	var messages []message
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var m message
		if err := decoder.Decode(&m); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	return messages
}

func TestLinesThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ lines, want string }{
		"not JSON":         {"hello\n", "invalid character"},
		"unknown type":     {`{"type":"dance"}` + "\n", `unknown line type "dance"`},
		"job without id":   {`{"type":"first"}` + "\n", "a unique id"},
		"job twice":        {strings.Repeat(`{"type":"load","id":1,"load":{}}`+"\n", 2), "a unique id"},
		"load of nothing":  {`{"type":"load","id":1}` + "\n", "lacks its arguments"},
		"fetch of nothing": {`{"type":"fetch","id":1}` + "\n", "lacks its arguments"},
		"cancel nothing":   {`{"type":"cancel","id":9}` + "\n" + `{"type":"dance"}` + "\n", "dance"},
	} {
		if !slices.ContainsFunc(said(t, c.lines), func(m message) bool { return strings.Contains(m.Error, c.want) }) {
			t.Errorf("%s: no line says %q", name, c.want)
		}
	}
}

func TestCancelledJobsSayHowFarTheyCame(t *testing.T) {
	lines := `{"type":"ready","id":1,"probe":{}}` + "\n" + `{"type":"load","id":2,"load":{}}` + "\n" +
		`{"type":"cancel","id":1}` + "\n" + `{"type":"cancel","id":2}` + "\n"
	var ready, load bool
	for _, m := range said(t, lines) {
		ready = ready || m.Type == typeDone && m.ID == 1 && m.NotReady && m.Last == "http_5xx"
		load = load || m.Type == typeDone && m.ID == 2 && m.Result != nil && m.Result.Total.Requests == 7
	}
	if !ready || !load {
		t.Errorf("ready %v, load %v", ready, load)
	}
}

// FuzzAgentLine: no input makes the agent panic or hang.
func FuzzAgentLine(f *testing.F) {
	for _, line := range examples(f) {
		f.Add([]byte(line + "\n"))
	}
	f.Add([]byte(strings.Join(examples(f), "\n")))
	f.Add([]byte("\x00\n\n{}\n[]\nnull\n{\"type\":\"load\",\"id\":-1}\n"))
	f.Fuzz(func(t *testing.T, input []byte) {
		if err := serve(t.Context(), bytes.NewReader(input), io.Discard, Hello{Version: Version}, idle(new(atomic.Int64))); err != nil {
			t.Error(err)
		}
	})
}
