package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	for _, want := range []string{"first", "second"} {
		if err := Write(path, text(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%q, %v", got, err)
		}
	}
	half := func(w io.Writer) error { _, _ = io.WriteString(w, "ha"); return errors.New("no more") }
	if err := Write(path, half); err == nil || err.Error() != path+" cannot be written: no more" {
		t.Errorf("%v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "second" {
		t.Errorf("after a failure: %q, %v", got, err)
	}
	if err := Writable(path); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWriteFollowsLinksAndKeepsPipes(t *testing.T) {
	dir := t.TempDir()
	target, link, pipe := filepath.Join(dir, "target"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(target, []byte("old"), 0o600), os.Symlink(target, link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	text := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	if err := Write(link, text); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if got, err := os.ReadFile(target); err != nil || string(got) != "new" {
		t.Errorf("the target holds %q, %v", got, err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the target's mode is now %v, %v", info.Mode(), err)
	}
	read := make(chan string)
	go func() {
		got, _ := os.ReadFile(pipe)
		read <- string(got)
	}()
	if err := errors.Join(Writable(pipe), Write(pipe, text)); err != nil || <-read != "new" {
		t.Errorf("into a pipe: %v", err)
	}
}

func TestAPathThatCannotBeWrittenIsReportedClearly(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	none := func(io.Writer) error { return nil }
	for path, want := range map[string]string{
		filepath.Join(dir, "none", "report.json"): "cannot be written: no such file or directory",
		filepath.Join(file, "report.json"):        "cannot be written: not a directory",
	} {
		for name, err := range map[string]error{"Write": Write(path, none), "Writable": Writable(path)} {
			if err == nil || err.Error() != path+" "+want {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if err := Writable(dir); err == nil || err.Error() != dir+" cannot be written: it is a folder; name a file in it" {
		t.Errorf("%v", err)
	}
	if err := Write(dir, none); err == nil || !strings.HasPrefix(err.Error(), dir+" cannot be written: ") {
		t.Errorf("%v", err)
	}
}
