package html

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"html"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/report"
	"plan/report/formats"
	"plan/runner/journal"
)

// jsonPath is where the JSON report has a metric of a trial that is no percentile; two
// paths are a quotient.
var jsonPath = map[string][]string{
	"users": {"users"}, "ready_seconds": {"seconds.ready"}, "memory_peak": {"memory.peak"}, "memory_rest": {"memory.rest"},
	"memory_anonymous": {"memory.anonymous"}, "cpu_share": {"cpu.share"}, "throttled_share": {"cpu.throttled_periods", "cpu.periods"},
	"exit_code": {"exit_code"}, "oom_kills": {"oom_kills"}, "requests": {"load.requests"}, "ok": {"load.ok"}, "failed": {"load.failed"},
	"throughput": {"load.judged.ok_rate"}, "error_rate": nil,
}

// column is the column of a ramp's table that has a metric rounded.
var column = map[string]string{
	"requests": "REQUESTS", "throughput": "OK/S", "p50": "P50", "p95": "P95", "p99": "P99", "max": "MAX", "memory_peak": "MEMORY", "cpu_share": "CPU(of limit)", "throttled_share": "THROTTLED",
}

// odd is a recorded run whose figures have as many digits as a number can have; some of
// them are not known, and one stage is inconclusive.
func odd(t *testing.T) journal.Run {
	run := read(t, "resources")
	for i := range run.Stages {
		for n := range run.Stages[i].Trials {
			trial := &run.Stages[i].Trials[n]
			add := (math.Pi + float64(n)) / 1e4
			trial.CPU.Share = new(0.1 + add)
			trial.Memory.Peak = new(int64(1234567891 + 1000003*n))
			if trial.Seconds.Ready != nil {
				trial.Seconds.Ready = new(2.5 + add)
			}
			if trial.Load == nil {
				continue
			}
			j := &trial.Load.Judged
			j.OKRate, j.Latency.P50, j.Latency.P95 = 41+add, new(*j.Latency.P50+add), new(*j.Latency.P95+add)
			j.Latency.P99, j.Latency.P999 = new(*j.Latency.P99+add), nil
		}
	}
	open := run.Stages[1]
	open.Address, open.Verdict, open.Held, open.Certificate = "ramp.open", journal.Inconclusive, nil, nil
	open.Trials = slices.Clone(open.Trials[:1])
	open.Trials[0].ID, open.Trials[0].Verdict, open.Trials[0].Reason, open.Trials[0].CPU = "ramp.open/1", journal.Inconclusive, new(journal.Samples), journal.CPU{}
	run.Stages = append(run.Stages, open)
	return run
}

// written is a run in a format, by its name; "table" are the tables of the terminal.
func written(t *testing.T, name string, run journal.Run) string {
	t.Helper()
	var b bytes.Buffer
	if name == "table" {
		if err := report.Tables(&b, run, tty.Options{Width: 1000}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	all := append(formats.All(), Formats()...)
	f := all[slices.IndexFunc(all, func(f formats.Format) bool { return f.Name == name })]
	if f.Files == nil {
		if err := f.Write(&b, run); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	files, err := f.Files(run)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b.WriteString(file.Name + "\n" + file.Text)
	}
	return b.String()
}

// journaled is a run that was written to a journal, and read from it.
func journaled(t *testing.T, run journal.Run) journal.Run {
	t.Helper()
	dir := t.TempDir()
	w, err := journal.Create(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	begun := run
	begun.Stages, begun.Images = nil, nil
	lines := []journal.Line{{Type: journal.RunLine, Run: &begun}}
	for _, i := range run.Images {
		lines = append(lines, journal.Line{Type: journal.ImageLine, Image: &i})
	}
	for _, s := range run.Stages {
		answer := s
		answer.Trials = nil
		for _, trial := range s.Trials {
			lines = append(lines, journal.Line{Type: journal.TrialLine, Trial: &trial})
		}
		lines = append(lines, journal.Line{Type: journal.AnswerLine, Stage: &answer})
	}
	lines = append(lines, journal.Line{Type: journal.EndLine, End: &run.Run, Outputs: run.Outputs})
	for _, line := range lines {
		if _, err := w.Append(line); err != nil {
			t.Fatal(err)
		}
	}
	path := w.Path()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := journal.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// at is a number of a JSON object by its path; nil of null and of what is missing.
func at(object any, path string) *float64 {
	for name := range strings.SplitSeq(path, ".") {
		fields, is := object.(map[string]any)
		if !is {
			return nil
		}
		object = fields[name]
	}
	number, is := object.(json.Number)
	if !is {
		return nil
	}
	v, err := strconv.ParseFloat(number.String(), 64)
	if err != nil {
		return nil
	}
	return &v
}

// fromJSON is a metric of a trial of the JSON report.
func fromJSON(t *testing.T, trial any, m metrics.Metric) *float64 {
	t.Helper()
	paths, known := jsonPath[m.Name]
	switch {
	case m.Quantile > 0:
		return at(trial, "load.judged.latency."+m.Name)
	case !known:
		t.Fatalf("jsonPath lacks %s: add where the JSON report has it", m.Name)
		return nil
	case m.Name == "error_rate":
		failed, ok := at(trial, "load.judged.failed"), at(trial, "load.judged.ok")
		if failed == nil {
			return nil
		}
		return new(*failed / (*failed + *ok))
	case len(paths) == 2:
		part, whole := at(trial, paths[0]), at(trial, paths[1])
		if part == nil || whole == nil {
			return nil
		}
		return new(*part / *whole)
	default:
		return at(trial, paths[0])
	}
}

// TestEveryFormatHasTheSameFigures: JSON, JUnit and CSV have the same figures to the last
// digit, the terminal, Markdown and the page have them rounded, and all of them are the
// same from the journal alone.
func TestEveryFormatHasTheSameFigures(t *testing.T) {
	run := odd(t)
	again := journaled(t, run)
	text := map[string]string{}
	for _, name := range []string{"table", "json", "junit", "csv", "markdown", "locust-csv", "html", "svg"} {
		text[name] = written(t, name, run)
		if written(t, name, again) != text[name] {
			t.Errorf("%s: the journal alone gives another one", name)
		}
	}

	decoder := json.NewDecoder(strings.NewReader(text["json"]))
	decoder.UseNumber()
	var document struct {
		Stages []struct {
			Address string
			Trials  []map[string]any
		}
	}
	if err := decoder.Decode(&document); err != nil {
		t.Fatal(err)
	}
	properties := junitProperties(t, text["junit"])
	rows := csvRows(t, text["csv"])
	tables := map[string][]string{"table": tableRows(text["table"]), "markdown": markdownRows(text["markdown"]), "html": pageRows(text["html"])}
	compared, null := 0, 0
	for _, s := range document.Stages {
		for _, trial := range s.Trials {
			id := trial["id"].(string)
			proves := properties[s.Address]["trial"] == id
			for _, m := range metrics.All() {
				v := fromJSON(t, trial, m)
				cell, property := rows[id][m.Name], properties[s.Address][m.Name]
				if v == nil {
					null++
					if cell != "" || proves && property != "" {
						t.Errorf("%s: %s is null, in CSV %q, in JUnit %q", id, m.Name, cell, property)
					}
					continue
				}
				exact := strconv.FormatFloat(*v, 'f', -1, 64)
				compared++
				if cell != exact || proves && property != exact {
					t.Errorf("%s: %s: JSON %s, CSV %s, JUnit %s", id, m.Name, exact, cell, property)
				}
				if column[m.Name] == "" || !strings.HasPrefix(id, "ramp.users/") {
					continue
				}
				for format, lines := range tables {
					if shown := shownAs(lines, trial, column[m.Name]); !rounds(shown, m, *v) {
						t.Errorf("%s: %s: %s has %q for %s", id, m.Name, format, shown, exact)
					}
				}
			}
		}
	}
	if compared < 100 || null < 10 {
		t.Errorf("%d figures and %d unknown ones were compared", compared, null)
	}
}

func junitProperties(t *testing.T, text string) map[string]map[string]string {
	t.Helper()
	var suites struct {
		Cases []struct {
			Name       string `xml:"name,attr"`
			Properties []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"properties>property"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal([]byte(text), &suites); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, c := range suites.Cases {
		all[c.Name] = map[string]string{}
		for _, p := range c.Properties {
			all[c.Name][p.Name] = p.Value
		}
	}
	return all
}

func csvRows(t *testing.T, text string) map[string]map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		all[row["id"]] = row
	}
	return all
}

// Rows of tables, as cells that a tab separates.

func tableRows(text string) []string {
	var rows []string
	for line := range strings.SplitSeq(text, "\n") {
		if cells := strings.Split(strings.Trim(line, "│"), "│"); len(cells) > 5 {
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, strings.Join(cells, "\t"))
		}
	}
	return rows
}

func markdownRows(text string) []string {
	var rows []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "| ") {
			cells := strings.ReplaceAll(strings.Trim(line, "| "), " | ", "\t")
			rows = append(rows, strings.NewReplacer(`\`, "", "&lt;", "<").Replace(cells))
		}
	}
	return rows
}

var (
	pageRow  = regexp.MustCompile(`(?s)<tr>(.*?)</tr>`)
	pageCell = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
)

func pageRows(text string) []string {
	var rows []string
	for _, row := range pageRow.FindAllStringSubmatch(text, -1) {
		var cells []string
		for _, cell := range pageCell.FindAllStringSubmatch(row[1], -1) {
			cells = append(cells, html.UnescapeString(cell[1]))
		}
		rows = append(rows, strings.Join(cells, "\t"))
	}
	return rows
}

// shownAs is the cell of a trial of a ramp in the table of loads.
func shownAs(rows []string, trial map[string]any, name string) string {
	i := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, "USERS\tREQUESTS\t") })
	if i < 0 {
		return "no table"
	}
	index := slices.Index(strings.Split(rows[i], "\t"), name)
	for _, row := range rows[i:] {
		if cells := strings.Split(row, "\t"); cells[0] == trial["users"].(json.Number).String() && index >= 0 && index < len(cells) {
			return cells[index]
		}
	}
	return "no row"
}

// shownNumber is a number as people read it, with its unit.
var shownNumber = regexp.MustCompile(`^([0-9]+(?:\.([0-9]+))?)(µs|ms|s|M|G| %)?$`)

// rounds reports whether a text is the rounding of a value: by at most half of its last
// digit, read without the code that wrote it.
func rounds(text string, m metrics.Metric, v float64) bool {
	parts := shownNumber.FindStringSubmatch(text)
	if parts == nil {
		return false
	}
	scale, is := map[string]float64{"µs": 1e-6, "ms": 1e-3, "s": 1, "M": 1 << 20, "G": 1 << 30, " %": 0.01, "": 1}[parts[3]]
	shown, err := strconv.ParseFloat(parts[1], 64)
	if !is || err != nil || m.Unit == metrics.Share && parts[3] != " %" {
		return false
	}
	digit := math.Pow10(-len(parts[2])) // 2s is written for 2.0s
	if parts[3] == "s" || parts[3] == "ms" {
		digit = max(min(digit, shown/10), 0.01)
	}
	return math.Abs(shown*scale-v) <= digit*scale/2*1.0001
}

func TestRounding(t *testing.T) {
	p95, peak := metrics.Named("p95"), metrics.Named("memory_peak")
	for _, c := range []struct {
		text string
		m    metrics.Metric
		v    float64
		want bool
	}{
		{"223ms", p95, 0.2234, true}, {"223ms", p95, 0.2236, false}, {"4.5s", p95, 4.549, true}, {"4.5s", p95, 4.56, false},
		{"1249M", peak, 1249.4 * (1 << 20), true}, {"1249M", peak, 1249.6 * (1 << 20), false}, {"–", p95, 1, false},
	} {
		if rounds(c.text, c.m, c.v) != c.want {
			t.Errorf("%s for %v: %v", c.text, c.v, !c.want)
		}
	}
}
