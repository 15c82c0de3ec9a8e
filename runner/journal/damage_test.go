package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestAttacksOnAJournal damages one journal in every way of which one once hid all of it.
//
// Right: every whole line counts; each damaged one is named with its number and why, and hides no other.
func TestAttacksOnAJournal(t *testing.T) {
	whole, err := os.ReadFile(write(t, nil, lines()))
	if err != nil {
		t.Fatal(err)
	}
	all := bytes.SplitAfter(whole, []byte("\n"))
	all = all[:len(all)-1]
	inserted := func(at int, text string) []byte {
		return bytes.Join(slices.Insert(slices.Clone(all), at, []byte(text)), nil)
	}
	without := func(at int) []Line { return slices.Delete(lines(), at, at+1) }
	trial := bytes.Index(whole, []byte(`"memory":1073741824`))
	for name, c := range map[string]struct {
		text    []byte
		lines   []Line   // those that count
		damaged []string // the others
	}{
		"garbage in the middle":       {inserted(4, "\x00\xff garbage\n"), lines(), []string{"line 5 is damaged: invalid character"}},
		"a blank line":                {inserted(4, "\n"), lines(), []string{"line 5 is damaged: unexpected end"}},
		"null":                        {inserted(4, "null\n"), lines(), []string{"line 5 is damaged: it has none of the parts"}},
		"a list":                      {inserted(4, "[]\n"), lines(), []string{"line 5 is damaged: json: cannot unmarshal"}},
		"deep nesting":                {inserted(4, strings.Repeat("[", 200_000)+"\n"), lines(), []string{"line 5 is damaged: invalid character"}},
		"a valid line, by hand":       {inserted(4, `{"type":"end","end":{"exit_code":0}}`+"\n"), lines(), []string{"line 5 is damaged: its checksum is missing"}},
		"two damaged lines":           {inserted(4, "a\nb\n"), lines(), []string{"line 5", "line 6"}},
		"zeros at the end, of a file": {append(slices.Clone(whole), make([]byte, 4096)...), lines(), nil},
		"zeros and a newline":         {append(append(slices.Clone(whole), make([]byte, 4096)...), '\n'), lines(), []string{"line 9 is damaged"}},
		"line ends of Windows":        {bytes.ReplaceAll(whole, []byte("\n"), []byte("\r\n")), lines(), nil},
		"a number was changed":        {bytes.Replace(whole, []byte(`"exit_code":1`), []byte(`"exit_code":0`), 1), without(7), []string{"line 8 is damaged: its checksum is wrong"}},
		"a limit was changed":         {append(append(slices.Clone(whole[:trial]), []byte(`"memory":2073741824`)...), whole[trial+19:]...), without(3), []string{"line 4 is damaged: its checksum is wrong"}},
		"the first line is damaged":   {append([]byte("\xef\xbb\xbf"), whole...), without(0), []string{"line 1 is damaged"}},
		"twice":                       {append(slices.Clone(whole), all[0]...), lines(), []string{"line 9 is damaged: it begins another run"}},
		"a line twice":                {inserted(4, string(all[3])), lines(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r1", FileName)
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, c.text, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := Read(path)
			if err != nil {
				t.Fatal(err)
			}
			var want Run
			for _, line := range c.lines {
				Apply(&want, line)
			}
			want.FormatVersion, want.Run.ID, want.Damaged = Format, "r1", got.Damaged
			want.DamagedLines = len(c.damaged)
			want.Run.Unfinished = !slices.ContainsFunc(c.lines, func(l Line) bool { return l.End != nil })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if len(got.Damaged) != len(c.damaged) {
				t.Fatalf("damaged: %v", got.Damaged)
			}
			for i, damage := range got.Damaged {
				if !strings.HasPrefix(damage.String(), c.damaged[i]) {
					t.Errorf("%q, want %q", damage, c.damaged[i])
				}
			}
		})
	}
}

// TestEveryChangedByteIsFound changes bytes of a line one at a time.
func TestEveryChangedByteIsFound(t *testing.T) {
	whole, err := os.ReadFile(write(t, nil, lines()))
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(whole, '\n') + 1
	second := first + bytes.IndexByte(whole[first:], '\n') // the line of the image
	path := filepath.Join(t.TempDir(), FileName)
	for at := first; at < second; at++ {
		text := slices.Clone(whole)
		text[at] ^= 1
		if text[at] == '\n' {
			continue
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path)
		if err != nil || len(got.Damaged) != 1 || got.Damaged[0].Line != 2 || len(got.Images) != 0 || len(got.Stages) != 2 {
			t.Fatalf("byte %d of line 2, %q: %v, %v", at-first, text[first:second], err, got.Damaged)
		}
	}
}

func TestWhatIsNoFileIsNoJournal(t *testing.T) {
	dir := t.TempDir()
	pipe, zeros, folder := filepath.Join(dir, "pipe"), filepath.Join(dir, "zeros"), filepath.Join(dir, "folder")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", zeros); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, zeros, folder} {
		for _, read := range []func(string) (Run, error){Read, ReadBeginning} {
			if _, err := read(path); err == nil || !strings.Contains(err.Error(), "it is no regular file") {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

// TestLongLinesAreNotKept: a line of 300 MiB costs the memory of the longest one that is allowed, not more.
func TestLongLinesAreNotKept(t *testing.T) {
	path := write(t, nil, lines())
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	end, err := file.Seek(0, 2)
	if err != nil {
		t.Fatal(err)
	}
	const long = 300 << 20
	if err := file.Truncate(end + long); err != nil { // zeros, which take no room on the disk
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte("\n{}\n"), end+long); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := Read(path)
	runtime.ReadMemStats(&after)
	if err != nil || len(got.Stages) != 2 || len(got.Damaged) != 2 || !strings.Contains(got.Damaged[0].Why, "more than 64 MiB") {
		t.Errorf("%v, %v", err, got.Damaged)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 6*longestLine {
		t.Errorf("reading took %d MiB", used>>20)
	}
}

// TestManyDamagedLinesAreCounted: of a file with millions of damaged lines only the first are kept.
func TestManyDamagedLinesAreCounted(t *testing.T) {
	whole, err := os.ReadFile(write(t, nil, lines()))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ damaged, described int }{{0, 0}, {99, 99}, {100, 100}, {101, 100}, {1_000_000, 100}} {
		path := filepath.Join(t.TempDir(), FileName)
		if err := os.WriteFile(path, append(slices.Clone(whole), bytes.Repeat([]byte("\n"), c.damaged)...), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path)
		if err != nil || len(got.Stages) != 2 || got.DamagedLines != c.damaged || len(got.Damaged) != c.described {
			t.Errorf("of %d damaged lines, %d are counted, %d described; %v", c.damaged, got.DamagedLines, len(got.Damaged), err)
		}
	}
}

// TestALongJournalTakesNoMoreThanItsTrials: the lines of a journal share one buffer.
func TestALongJournalTakesNoMoreThanItsTrials(t *testing.T) {
	line := lines()[3]
	w, err := Create(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Append(lines()[0]); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		line.Trial.ID = fmt.Sprintf("search.memory/%d", i+1)
		line.Trial.Started = begun.Add(time.Duration(i) * time.Second)
		if _, err := w.Append(line); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(w.Path())
	if err != nil || len(got.Stages[0].Trials) != 50 {
		t.Fatalf("%v, %d trials", err, len(got.Stages[0].Trials))
	}
	for i, trial := range got.Stages[0].Trials {
		if trial.ID != fmt.Sprintf("search.memory/%d", i+1) || trial.Why != line.Trial.Why || trial.Evidence.Log[1] != "b" {
			t.Fatalf("trial %d was overwritten: %+v", i, trial)
		}
	}
}

// Right: no report has the escape, and the table has a name that can be read.
func TestPrintable(t *testing.T) {
	evil := "\x1b[2J\x1b]0;pwn\a\u202e"
	run := Run{Plan: Plan{Name: "\x1b[31mkill\x1b[0m" + evil}, Stages: []Stage{{Trials: []Trial{{Why: evil, Evidence: &Evidence{Log: []string{"a\tb" + evil}}}}}}}
	got := Printable(run)
	const shown = "\uFFFD[2J\uFFFD]0;pwn\uFFFD\uFFFD"
	trial := got.Stages[0].Trials[0]
	if got.Plan.Name != "kill"+shown || trial.Why != shown || trial.Evidence.Log[0] != "a\tb"+shown || run.Stages[0].Trials[0].Why != evil {
		t.Errorf("%+v", got)
	}
}

// FuzzJournal reads any bytes as a journal: no panic, and no error but those that say why.
func FuzzJournal(f *testing.F) {
	whole, err := os.ReadFile(old)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(append(withSum([]byte(`{"type":"run","run":{"format_version":1}}`)), "null\n{}\n"...))
	f.Fuzz(func(t *testing.T, text []byte) {
		run, err := fold(bytes.NewReader(text), func(Line) error { return nil })
		if err == nil && run.FormatVersion != Format {
			t.Errorf("a run of format %d", run.FormatVersion)
		}
		_ = Printable(run)
	})
}
