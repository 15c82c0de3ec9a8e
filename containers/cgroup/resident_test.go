package cgroup

import (
	"maps"
	"os"
	"testing"

	"plan/internal/units"
)

const smaps = `00400000-00600000 r-xp 00000000 fe:00 1234                               /app/server
Size:               2048 kB
Rss:                1500 kB
Pss:                 750 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00600000-00700000 rw-p 00200000 fe:00 1234                               /app/server
Rss:                 100 kB
Anonymous:            40 kB
7f0000000000-7f0000100000 r--p 00000000 fe:00 99                         /lib/a b.so: odd
Rss:                  12 kB
Anonymous:             0 kB
7f0000200000-7f0000300000 rw-p 00000000 00:00 0
Rss:                 999 kB
Anonymous:           999 kB
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
Rss:                  16 kB
Anonymous:            16 kB
`

func TestWhatOfFilesIsInMemory(t *testing.T) {
	want := map[string]units.Bytes{"fe:00 1234": 1560 * units.KiB, "fe:00 99": 12 * units.KiB}
	if got := parseSmaps([]byte(smaps)); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	own, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	var sum units.Bytes
	for _, resident := range parseSmaps(own) {
		sum += resident
	}
	if sum < 100*units.KiB {
		t.Errorf("this test maps only %s of its own code", sum)
	}
}
