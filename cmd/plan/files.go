package main

import (
	"fmt"
	"io"

	"github.com/rogpeppe/go-internal/diff"

	"plan/report"
)

// showFormatted names a file that is not in its format, prints what changes if
// asked, and writes the file unless it is only checked.
func showFormatted(w io.Writer, path string, src, formatted []byte, check, diffs bool) error {
	fmt.Fprintln(w, path)
	if diffs {
		if _, err := w.Write(diff.Diff(path, src, path+" (formatted)", formatted)); err != nil {
			return err
		}
	}
	if check {
		return nil
	}
	return report.WriteFile(path, func(w io.Writer) error { _, err := w.Write(formatted); return err })
}
