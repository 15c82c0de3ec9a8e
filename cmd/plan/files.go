package main

import (
	"fmt"
	"io"
	"os"

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
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := report.WriteFile(path, func(w io.Writer) error { _, err := w.Write(formatted); return err }); err != nil {
		return err
	}
	return os.Chmod(path, info.Mode())
}
