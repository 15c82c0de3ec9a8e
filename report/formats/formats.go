package formats

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plan/internal/atomicfile"
	"plan/runner/compare"
	"plan/runner/journal"
)

// FormatOf is a file format of a run or of a comparison. A format with Files has
// several.
type FormatOf[T any] struct {
	Name  string // in --report NAME=PLACE
	Place string // what is written to: "" is PATH; DIR, a folder that is made; PREFIX, of names of files
	Doc   string // a few words
	Write func(w io.Writer, of T) error
	Files func(of T) ([]File, error) // in place of Write: those of a folder or a prefix
	Live  bool                       // written while a run goes on, and not from its journal: without Write and Files
}

// Format is a file format of a run.
type Format = FormatOf[journal.Run]

// File is one file of a format that has several.
type File struct {
	Name string // in the folder, or after the prefix
	Text string
}

// FileName returns the address of a stage or a trial as a part of a file name.
func FileName(address string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, address)
}

// formats are the formats of this package. The flag --report, its completion and
// its errors come from this table.
var formats = []Format{
	{Name: "json", Doc: "format 1", Write: jsonReport},
	{Name: "csv", Doc: "one line for each trial", Write: csvReport},
	{Name: "junit", Doc: "a test case for each stage", Write: junitReport},
	{Name: "markdown", Doc: "for comments and summaries", Write: markdownReport},
	{Name: "locust-csv", Place: "PREFIX", Doc: "Locust's CSV files of each load", Files: locustReport},
	{Name: "requests", Doc: "one line for each request, while the run goes on", Live: true},
}

// All returns the formats of this package.
func All() []Format { return slices.Clone(formats) }

// ComparisonFormats returns the file formats of a comparison.
func ComparisonFormats() []FormatOf[compare.Comparison] {
	return []FormatOf[compare.Comparison]{{Name: "markdown", Doc: "for comments and summaries", Write: ComparisonMarkdown}}
}

// Form is how the format is asked for: "svg=DIR".
func (f FormatOf[T]) Form() string { return f.Name + "=" + cmp.Or(f.Place, "PATH") }

// folder reports whether the place is a folder.
func (f FormatOf[T]) folder() bool { return f.Place == "DIR" }

// Writable tries whether Save can write there, and leaves nothing behind.
func (f FormatOf[T]) Writable(place string) error {
	info, err := os.Stat(place)
	switch {
	case f.folder() && err == nil && !info.IsDir():
		return atomicfile.NotWritable(place, errors.New("it is not a folder"))
	case f.folder() && err == nil:
		place = filepath.Join(place, f.Name)
	case f.Files != nil:
		place += "-" + f.Name // a prefix of files, which a folder may be called too
	}
	return atomicfile.Writable(place)
}

// Save writes to a place: each file whole or not at all.
func (f FormatOf[T]) Save(place string, of T) error {
	if f.Files == nil {
		return atomicfile.Write(place, func(w io.Writer) error { return f.Write(w, of) })
	}
	files, err := f.Files(of)
	if err != nil {
		return err
	}
	if f.folder() {
		if err := os.MkdirAll(place, 0o755); err != nil {
			return atomicfile.NotWritable(place, err)
		}
		place += string(filepath.Separator)
	}
	for _, file := range files {
		err := atomicfile.Write(place+file.Name, func(w io.Writer) error {
			_, err := io.WriteString(w, file.Text)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
