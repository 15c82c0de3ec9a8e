package docker

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"plan/internal/units"
)

func TestCopyVolume(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	old := time.Unix(1_600_000_000, 5)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(from, name) }
	must(os.MkdirAll(at("data/closed"), 0o755))
	must(os.WriteFile(at("data/closed/model"), bytes.Repeat([]byte("m"), 5000), 0o640))
	must(os.WriteFile(at("empty"), nil, 0o600))
	must(os.Link(at("data/closed/model"), at("same")))
	must(os.Symlink("data/nowhere", at("link")))
	must(unix.Mkfifo(at("pipe"), 0o622))
	sparse, err := os.Create(at("sparse"))
	must(err)
	_, err = sparse.WriteAt([]byte("end"), 64<<20)
	must(errors.Join(err, sparse.Truncate(100<<20), sparse.Close()))
	listener, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(err)
	defer unix.Close(listener)
	must(unix.Bind(listener, &unix.SockaddrUnix{Name: at("socket")}))
	root := os.Geteuid() == 0
	if root {
		must(os.Chown(at("empty"), 999, 998))
		must(os.Lchown(at("link"), 997, 996))
		must(os.Chown(from, 995, 994))
	}
	must(unix.Chmod(at("empty"), 0o4755))
	must(os.Chmod(at("data/closed"), 0o500))
	must(os.Chmod(from, 0o700))
	for _, name := range []string{"empty", "data/closed/model", "data/closed", "data", "."} {
		must(os.Chtimes(at(name), old, old))
	}
	defer os.Chmod(at("data/closed"), 0o700)

	result, err := CopyVolume(from, to, 1*units.GiB)
	if err != nil || result.TooLarge {
		t.Fatal(result, err)
	}
	defer os.Chmod(filepath.Join(to, "data/closed"), 0o700)
	if least := int64(5003); result.Bytes < least || result.Bytes > least+64<<10 {
		t.Errorf("%d bytes were counted: holes and second names are none", result.Bytes)
	}
	for _, name := range []string{".", "data", "data/closed", "data/closed/model", "empty", "same", "link", "pipe", "sparse"} {
		var want, got unix.Stat_t
		must(unix.Lstat(at(name), &want))
		if err := unix.Lstat(filepath.Join(to, name), &got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Mode != want.Mode || got.Uid != want.Uid || got.Gid != want.Gid || got.Mode&unix.S_IFMT == unix.S_IFREG && got.Size != want.Size {
			t.Errorf("%s is %o %d:%d of %d, not %o %d:%d of %d", name, got.Mode, got.Uid, got.Gid, got.Size, want.Mode, want.Uid, want.Gid, want.Size)
		}
		if name != "link" && got.Mtim != want.Mtim {
			t.Errorf("%s was changed at %v, not %v", name, got.Mtim, want.Mtim)
		}
		if name == "sparse" && got.Blocks > 1024 {
			t.Errorf("its holes take %d blocks", got.Blocks)
		}
		if name == "same" && got.Nlink != 2 {
			t.Errorf("it is a file of its own")
		}
	}
	for name, want := range map[string]string{"same": string(bytes.Repeat([]byte("m"), 5000)), "empty": ""} {
		if text, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(text) != want {
			t.Errorf("%s holds %d bytes: %v", name, len(text), err)
		}
	}
	if target, err := os.Readlink(filepath.Join(to, "link")); target != "data/nowhere" {
		t.Errorf("the link leads to %q: %v", target, err)
	}
	if _, err := os.Lstat(filepath.Join(to, "socket")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket was copied: %v", err)
	}
	copied, err := os.Open(filepath.Join(to, "sparse"))
	must(err)
	defer copied.Close()
	end := make([]byte, 4)
	if _, err := copied.ReadAt(end, 64<<20); err != nil || string(end) != "end\x00" {
		t.Errorf("it ends in %q: %v", end, err)
	}
}

func TestCopyVolumeThatIsTooLarge(t *testing.T) {
	from := t.TempDir()
	for name, size := range map[string]int{"a": 3000, "b": 2000} {
		if err := os.WriteFile(filepath.Join(from, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for most, tooLarge := range map[units.Bytes]bool{5000: false, 4999: true, 0: true} {
		result, err := CopyVolume(from, t.TempDir(), most)
		if err != nil || result.TooLarge != tooLarge {
			t.Errorf("of at most %d bytes: %+v, %v", most, result, err)
		}
	}
	if _, err := CopyVolume(filepath.Join(from, "nowhere"), t.TempDir(), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a volume that is not there: %v", err)
	}
}
