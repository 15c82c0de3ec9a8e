package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"plan/internal/golden"
)

// avoided is a row of the words to avoid.
type avoided struct {
	forms phrases
	write string
}

// allowed is a row of the exceptions, or of the words that are not replaced
// yet.
type allowed struct {
	where string // a file, a folder, or *
	forms phrases
	row   string
	used  bool
}

// phrases are texts of one or more words. A pattern finds each in a text in
// lower case, also over a line break, in the middle of other words too.
type phrases []*regexp.Regexp

// wordList is the content of words.md.
type wordList struct {
	avoid []avoided
	allow []*allowed
}

// TestWords searches the texts of the repository for the words of words.md.
func TestWords(t *testing.T) {
	list, faults := parseWords(read(t, "words.md"))
	for _, fault := range faults {
		t.Error(fault)
	}
	for _, path := range texts(t, "..") {
		for _, found := range list.search(filepath.ToSlash(path), read(t, filepath.Join("..", path))) {
			t.Error(found)
		}
	}
	for _, row := range list.allow {
		switch {
		case row.used:
		case golden.Updating():
			without := strings.Replace(read(t, "words.md"), "\n"+row.row+"\n", "\n", 1)
			if err := os.WriteFile("words.md", []byte(without), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("docs/words.md: nothing needs this row any more, remove it (make golden does):\n%s", row.row)
		}
	}
}

// texts returns the paths of all texts to search, relative to root: documents,
// examples, demo, scripts, plans, and golden texts.
func texts(t *testing.T, root string) []string {
	t.Helper()
	return files(t, root, isText)
}

// files returns the paths of the project's files that are wanted, relative to
// root. wanted gets a relative path with slashes.
func files(t *testing.T, root string, wanted func(path string) bool) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir() && slices.Contains([]string{".git", ".plan", "bin"}, relative):
			return fs.SkipDir
		case entry.Type().IsRegular() && wanted(filepath.ToSlash(relative)):
			paths = append(paths, relative)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

var (
	goldenText = regexp.MustCompile(`/testdata/.*\.(txt|notes|md|txtar|golden|compose|kubernetes|docker-update)$`)
	sourceText = regexp.MustCompile(`^(\.github|scripts|examples|demo)/|^[^/]*\.md$|^docs/.*\.md$|^plans/(.*\.md|[^/]*\.hcl)$|^Makefile$|^Dockerfile$`)
	noText     = regexp.MustCompile(`^docs/words\.md$|^demo/full/packages/`)
)

func isText(path string) bool {
	return (goldenText.MatchString(path) || sourceText.MatchString(path)) && !noText.MatchString(path)
}

// parseWords reads the three tables of words.md, and returns what is wrong with
// their rows.
func parseWords(text string) (list wordList, faults []string) {
	table, last := "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch line {
		case "| avoid | write | reason |", "| where | text | reason |", "| where | word |":
			table = line
			continue
		}
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") {
			continue
		}
		columns := strings.Split(strings.Trim(line, "| "), " | ")
		if len(columns) != strings.Count(table, "|")-1 || slices.Contains(columns, "") {
			faults = append(faults, fmt.Sprintf("docs/words.md: fill all columns of %s in the row %s", table, line))
			continue
		}
		switch table {
		case "| avoid | write | reason |":
			if columns[0] <= last {
				faults = append(faults, fmt.Sprintf("docs/words.md: sort the row of %q before that of %q", columns[0], last))
			}
			last = columns[0]
			list.avoid = append(list.avoid, avoided{parsePhrases(columns[0]), columns[1]})
		default:
			list.allow = append(list.allow, &allowed{where: columns[0], forms: parsePhrases(columns[1]), row: line})
		}
	}
	return list, faults
}

// parsePhrases reads texts that are separated by commas.
func parsePhrases(column string) (list phrases) {
	for text := range strings.SplitSeq(lower(column), ", ") {
		words := strings.Fields(text)
		for i, word := range words {
			words[i] = regexp.QuoteMeta(word)
		}
		list = append(list, regexp.MustCompile(strings.Join(words, `(?:[ \t]|\n[ \t#>*/]*)+`)))
	}
	return list
}

// in returns where a text in lower case has one of the phrases as whole words.
func (p phrases) in(text string) (places [][]int) {
	for _, form := range p {
		for _, at := range form.FindAllStringIndex(text, -1) {
			if !inWord(text, at[0]) && !inWord(text, at[1]) {
				places = append(places, at)
			}
		}
	}
	return places
}

// inWord reports whether a position of a text is inside a word.
func inWord(text string, at int) bool {
	letter := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= '0' && text[i] <= '9' || text[i] == '_')
	}
	return letter(at-1) && letter(at)
}

// lower changes upper case to lower case, and no position.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// search returns a line for each word to avoid in a text: file, line, word and
// replacement. It marks the exceptions that it uses.
func (l wordList) search(path, text string) []string {
	if strings.HasSuffix(path, ".md") {
		text = withoutQuotes(path, text)
	}
	text = lower(text)
	var found []string
	for _, word := range l.avoid {
		for _, at := range word.forms.in(text) {
			if l.allows(path, text, at) {
				continue
			}
			line := 1 + strings.Count(text[:at[0]], "\n")
			used := strings.Join(strings.Fields(text[at[0]:at[1]]), " ")
			found = append(found, fmt.Sprintf("%s:%d: %q: write %s", path, line, used, word.write))
		}
	}
	return found
}

// allows reports whether a row allows the text at a position: the text of the
// row covers it.
func (l wordList) allows(path, text string, at []int) bool {
	is := false
	for _, row := range l.allow {
		if row.where != "*" && path != row.where && !strings.HasPrefix(path, strings.TrimSuffix(row.where, "/")+"/") {
			continue
		}
		for _, within := range row.forms.in(text) {
			if within[0] <= at[0] && at[1] <= within[1] {
				is, row.used = true, true
			}
		}
	}
	return is
}

var (
	inlineCode = regexp.MustCompile("`[^`\n]+`")
	insteadOf  = regexp.MustCompile(`(?m)\| [^|\n]* \|$`)
)

// withoutQuotes blanks the code of a document, and the words that the glossary
// replaces. Positions stay the same.
func withoutQuotes(path, text string) string {
	blank := func(s string) string { return strings.Repeat("_", len(s)) }
	text = inlineCode.ReplaceAllStringFunc(text, blank)
	if path == "docs/glossary.md" {
		text = insteadOf.ReplaceAllStringFunc(text, blank)
	}
	return text
}

// TestWordsAreFound shows the search at work on a list and texts made for it.
func TestWordsAreFound(t *testing.T) {
	const list = "| avoid | write | reason |\n|---|---|---|\n| fault, faults | diagnostic | Glossary. |\n| told | printed | Prints. |\n\n" +
		"| where | text | reason |\n|---|---|---|\n| * | page faults | Kernel. |\n| demo | told | Later. |\n"
	for _, c := range []struct{ what, path, text, want string }{
		{"nothing", "README.md", "All is well.", ""},
		{"a word", "README.md", "One.\nIt has Faults.", `README.md:2: "faults": write diagnostic`},
		{"a part of a word", "README.md", "by default", ""},
		{"an exception", "README.md", "two page faults", ""},
		{"an exception over two lines", "scripts/x", "# two page\n# faults", ""},
		{"an exception of a folder", "demo/README.md", "told", ""},
		{"another folder", "demos.md", "told", `demos.md:1: "told": write printed`},
		{"code of a document", "README.md", "prints `a fault`", ""},
		{"code elsewhere", "scripts/x", "prints `a fault`", `scripts/x:1: "fault": write diagnostic`},
		{"replaced words of the glossary", "docs/glossary.md", "| term | Text. | us | fault, told |", ""},
		{"other words of the glossary", "docs/glossary.md", "| term | A fault. | us | word |", `docs/glossary.md:1: "fault": write diagnostic`},
	} {
		t.Run(c.what, func(t *testing.T) {
			words, faults := parseWords(list)
			if got := strings.Join(append(faults, words.search(c.path, c.text)...), "\n"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWrongWordsAreFound(t *testing.T) {
	for what, c := range map[string]struct{ text, want string }{
		"a column too few": {"| avoid | write | reason |\n|---|---|---|\n| told | printed |\n", "fill all columns"},
		"not in order":     {"| avoid | write | reason |\n|---|---|---|\n| told | printed | A. |\n| anew | again | A. |\n", "sort the row"},
		"no table":         {"| told | printed | A. |\n", "fill all columns"},
	} {
		t.Run(what, func(t *testing.T) {
			if _, faults := parseWords(c.text); len(faults) != 1 || !strings.Contains(faults[0], c.want) {
				t.Errorf("got %q, want one with %q", faults, c.want)
			}
		})
	}
}
