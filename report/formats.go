package report

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"plan/runner/journal"
)

// Format is a file format of a run. A format with Files has several.
type Format struct {
	Name  string // in --report NAME=PLACE
	Place string // what is written to: "" is PATH; DIR, a folder that is made; PREFIX, of names of files
	Doc   string // a few words
	Write func(w io.Writer, run journal.Run) error
	Files func(run journal.Run) ([]File, error) // in place of Write: those of a folder or a prefix
}

// File is one file of a format that has several.
type File struct {
	Name string // in the folder, or after the prefix
	Text string
}

// formats are the formats of this package. The flag --report, its completion and
// its errors come from this table.
var formats = []Format{
	{Name: "json", Doc: "format 1", Write: jsonReport},
	{Name: "csv", Doc: "one line for each trial", Write: csvReport},
	{Name: "junit", Doc: "a test case for each stage", Write: junitReport},
	{Name: "markdown", Doc: "for comments and summaries", Write: markdownReport},
}

// Formats returns all formats.
func Formats() []Format { return slices.Clone(formats) }

// Form is how the format is asked for: "svg=DIR".
func (f Format) Form() string { return f.Name + "=" + cmp.Or(f.Place, "PATH") }

// folder reports whether the place is a folder.
func (f Format) folder() bool { return f.Place == "DIR" }

// Writable tries whether Save can write there, and leaves nothing behind.
func (f Format) Writable(place string) error {
	info, err := os.Stat(place)
	switch {
	case f.folder() && err == nil && !info.IsDir():
		return notWritable(place, errors.New("it is no folder"))
	case f.folder() && err == nil:
		place = filepath.Join(place, f.Name)
	}
	return Writable(place)
}

// Save writes a run to a place: each file whole or not at all.
func (f Format) Save(place string, run journal.Run) error {
	if f.Files == nil {
		return WriteFile(place, func(w io.Writer) error { return f.Write(w, run) })
	}
	files, err := f.Files(run)
	if err != nil {
		return err
	}
	if f.folder() {
		if err := os.MkdirAll(place, 0o755); err != nil {
			return notWritable(place, err)
		}
		place += string(filepath.Separator)
	}
	for _, file := range files {
		err := WriteFile(place+file.Name, func(w io.Writer) error {
			_, err := io.WriteString(w, file.Text)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
