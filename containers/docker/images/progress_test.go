package images

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// progressOf are the lines that a transfer tells of the engine's words, each of
// which comes after its time.
func progressOf(t *testing.T, doing string, lines []timed) []string {
	t.Helper()
	var got []string
	synctest.Test(t, func(t *testing.T) {
		moving := newTransfer(doing, func(line string) { got = append(got, line) })
		for _, l := range lines {
			time.Sleep(l.after)
			var line streamLine
			if err := json.Unmarshal([]byte(l.line), &line); err != nil {
				t.Fatal(err)
			}
			moving.update(line)
		}
		moving.finish()
	})
	return got
}

type timed struct {
	after time.Duration
	line  string
}

func TestAPushIsOneLine(t *testing.T) {
	got := progressOf(t, "pushing user/api:1", []timed{
		{0, `{"status":"The push refers to repository [user/api]"}`},
		{0, `{"status":"Preparing","id":"a"}`},
		{0, `{"status":"Preparing","id":"b"}`},
		{0, `{"status":"Preparing","id":"c"}`},
		{time.Second, `{"status":"Layer already exists","id":"a"}`},
		{time.Second, `{"status":"Pushing","progressDetail":{"current":30000000,"total":100000000},"id":"b"}`},
		{100 * time.Millisecond, `{"status":"Pushing","progressDetail":{"current":31000000,"total":100000000},"id":"b"}`},
		{900 * time.Millisecond, `{"status":"Pushing","progressDetail":{"current":100001024,"total":100000000},"id":"b"}`},
		{time.Second, `{"status":"Pushing","progressDetail":{"current":5000000,"total":50000000},"id":"c"}`},
		{time.Second, `{"status":"Retrying in 5 seconds","id":"c"}`},
		{time.Second, `{"status":"Pushed","id":"b"}`},
		{time.Second, `{"status":"Pushed","id":"c"}`},
	})
	want := []string{
		"pushing user/api:1",
		"pushing user/api:1: 1 of 3 layers",
		"pushing user/api:1: 1 of 3 layers, 30 of 100+ MB, 15 MB/s",
		"pushing user/api:1: 1 of 3 layers, 100 of 100+ MB, 33 MB/s",
		"pushing user/api:1: 1 of 3 layers, 105 of 150 MB, 26 MB/s",
		"pushing user/api:1: 1 of 3 layers, 105 of 150 MB, 21 MB/s, trying again",
		"pushing user/api:1: 2 of 3 layers, 105 of 150 MB, 21 MB/s, trying again",
		"pushing user/api:1: 3 of 3 layers, 150 of 150 MB, 24 MB/s",
		"pushing user/api:1: 3 of 3 layers, 150 of 150 MB",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAPullIsOneLine(t *testing.T) {
	got := progressOf(t, "pulling user/api:1", []timed{
		{0, `{"status":"Pulling from user/api","id":"1"}`},
		{0, `{"status":"Pulling fs layer","id":"a"}`},
		{0, `{"status":"Already exists","id":"b"}`},
		{time.Second, `{"status":"Downloading","progressDetail":{"current":250000,"total":500000},"id":"a"}`},
		{time.Second, `{"status":"Download complete","id":"a"}`},
		{time.Second, `{"status":"Extracting","progressDetail":{"current":32768,"total":500000},"id":"a"}`},
		{time.Second, `{"status":"Pull complete","id":"a"}`},
	})
	want := []string{
		"pulling user/api:1",
		"pulling user/api:1: 1 of 2 layers, 250 of 500 kB, 250 kB/s",
		"pulling user/api:1: 1 of 2 layers, 500 of 500 kB, 250 kB/s",
		"pulling user/api:1: 1 of 2 layers, 500 of 500 kB, 167 kB/s, unpacking",
		"pulling user/api:1: 2 of 2 layers, 500 of 500 kB, 125 kB/s",
		"pulling user/api:1: 2 of 2 layers, 500 of 500 kB",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnUnchangedImageHasNothingNew(t *testing.T) {
	got := progressOf(t, "pushing user/api:1", []timed{{0, `{"status":"Layer already exists","id":"a"}`}})
	if diff := cmp.Diff("pushing user/api:1: 1 of 1 layers, nothing new", got[len(got)-1]); diff != "" {
		t.Error(diff)
	}
}

func TestBytesInFlight(t *testing.T) {
	for _, c := range []struct {
		moved, size int64
		open        bool
		want        string
	}{
		{0, 999_000, false, "0 of 999 kB"},
		{1_500_000, 439_000_000, false, "2 of 439 MB"},
		{120_000_000, 9_990_000_000, true, "120 of 9990+ MB"},
		{1_250_000_000, 12_000_000_000, false, "1.2 of 12.0 GB"},
	} {
		if got := bytesOfTotal(c.moved, c.size, c.open); got != c.want {
			t.Errorf("%d of %d is %q, want %q", c.moved, c.size, got, c.want)
		}
	}
}
