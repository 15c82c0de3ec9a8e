package lang

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The most that any plan may take until it is valid or refused. The time is that of CPUs, as the machine may be busy.
const (
	mostTime   = 2 * time.Second
	mostMemory = 200 << 20
)

// BenchmarkHostilePlans loads each plan of the tests of hostile plans in a process of its own, and measures its time and
// its peak memory, with those of the test itself. More than the most that a plan may take is an error.
func BenchmarkHostilePlans(b *testing.B) {
	for _, test := range []string{"TestHostileExpressions", "TestDeepTexts"} {
		measureEach(b, test)
	}
}

// measureEach measures each subtest of a test.
func measureEach(b *testing.B, test string) {
	b.Helper()
	for _, name := range subtests(b, test) {
		b.Run(name, func(b *testing.B) {
			var longest time.Duration
			var peak int64
			for b.Loop() {
				one := exec.Command(os.Args[0], "-test.run", "^"+test+"$/^"+regexp.QuoteMeta(name)+"$")
				if out, err := one.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				longest = max(longest, one.ProcessState.UserTime()+one.ProcessState.SystemTime())
				if usage, is := one.ProcessState.SysUsage().(*syscall.Rusage); is {
					peak = max(peak, usage.Maxrss<<10)
				}
			}
			b.ReportMetric(longest.Seconds(), "CPU-s")
			b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
			if longest > mostTime || peak > mostMemory {
				b.Errorf("%v and %d MiB, more than %v or %d MiB", longest, peak>>20, mostTime, mostMemory>>20)
			}
		})
	}
}

// subtests returns the names of the subtests of a test, which it runs.
func subtests(b *testing.B, test string) (names []string) {
	b.Helper()
	out, err := exec.Command(os.Args[0], "-test.v", "-test.run", "^"+test+"$").Output()
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "=== RUN   "+test+"/"); is {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		b.Fatalf("%s has no subtests", test)
	}
	return names
}
