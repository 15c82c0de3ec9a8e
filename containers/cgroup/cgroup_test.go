package cgroup

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"

	"plan/containers"
	"plan/internal/units"
)

const hybridMounts = `30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
33 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
34 30 0:30 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw
35 30 0:31 /docker/abc /mnt/part rw - cgroup cgroup rw,memory
`

func TestMountsOfBothVersions(t *testing.T) {
	h, err := parseMounts(hybridMounts)
	if err != nil || h.Version != 1 || h.Group("").dir("memory") != "/sys/fs/cgroup/memory" || h.Group("").dir("cpuacct") != "/sys/fs/cgroup/cpu,cpuacct" {
		t.Errorf("hybrid: %+v, %v", h, err)
	}
	h, err = parseMounts("40 25 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate\n")
	if err != nil || h.Version != 2 || h.Group("").dir("cpu") != "/sys/fs/cgroup" {
		t.Errorf("unified: %+v, %v", h, err)
	}
	if _, err = parseMounts("25 1 0:20 / / rw - ext4 /dev/vda rw\n"); err == nil {
		t.Error("a machine without control groups has some")
	}
}

func TestMembership(t *testing.T) {
	v1 := parseMembership(bufio.NewScanner(strings.NewReader("4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/\n")))
	if v1["memory"] != "/docker/abc" || v1["cpuacct"] != "/docker/abc" || v1[""] != "/" {
		t.Errorf("version 1: %v", v1)
	}
	v2 := parseMembership(bufio.NewScanner(strings.NewReader("0::/system.slice/docker-abc.scope\n")))
	if v2[""] != "/system.slice/docker-abc.scope" {
		t.Errorf("version 2: %v", v2)
	}
}

func TestTheGroupOfAProcessMustCarryTheID(t *testing.T) {
	h := Hierarchy{Version: 1, mounts: map[string]string{"memory": "/sys/fs/cgroup/memory"}}
	if _, err := h.GroupOf(os.Getpid(), "0123456789abcdef"); err == nil {
		t.Error("this process is taken for a container's")
	}
}

// version returns a hierarchy in a folder, with the files of one group.
func version(t *testing.T, number int, files map[string]string) (Hierarchy, Group) {
	t.Helper()
	root := t.TempDir()
	h := Hierarchy{Version: number, mounts: map[string]string{"": root, "memory": root, "cpu": root, "cpuacct": root, "pids": root}}
	for name, text := range files {
		write(t, filepath.Join(root, "plan-a", "api", name), text)
	}
	return h, h.Group("/plan-a/api")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func TestReadingBothVersions(t *testing.T) {
	want := containers.Usage{
		WorkingSet: new(700 * units.MiB), Anonymous: new(600 * units.MiB), Cache: new(400 * units.MiB),
		Peak: new(1100 * units.MiB), CPUSeconds: new(12.5), Periods: new(int64(250)),
		ThrottledPeriods: new(int64(40)), ThrottledSeconds: new(1.25), OOMKills: new(int64(2)),
		MappedFile: new(90 * units.MiB), MajorFaults: new(int64(12)), Refaults: new(int64(34)),
	}
	for number, files := range map[int]map[string]string{
		1: {
			"memory.usage_in_bytes":     "1048576000\n",
			"memory.stat":               "cache 1\nrss 2\ninactive_file 3\ntotal_cache 419430400\ntotal_rss 629145600\ntotal_inactive_file 314572800\nmapped_file 4\ntotal_mapped_file 94371840\npgmajfault 5\ntotal_pgmajfault 12\nworkingset_refault_file 6\ntotal_workingset_refault_file 34\n",
			"memory.max_usage_in_bytes": "1153433600\n",
			"memory.oom_control":        "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
			"cpuacct.usage":             "12500000000\n",
			"cpu.stat":                  "nr_periods 250\nnr_throttled 40\nthrottled_time 1250000000\n",
		},
		2: {
			"memory.current": "1048576000\n",
			"memory.stat":    "anon 629145600\nfile 419430400\nkernel 5\ninactive_anon 7\ninactive_file 314572800\nfile_mapped 94371840\npgmajfault 12\nworkingset_refault_anon 9\nworkingset_refault_file 34\n",
			"memory.peak":    "1153433600\n",
			"memory.events":  "low 0\nhigh 0\nmax 90\noom 3\noom_kill 2\noom_group_kill 0\n",
			"cpu.stat":       "usage_usec 12500000\nuser_usec 1\nsystem_usec 1\nnr_periods 250\nnr_throttled 40\nthrottled_usec 1250000\n",
		},
	} {
		_, group := version(t, number, files)
		r, err := Open(group)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(containers.Usage{}, "At")); diff != "" {
			t.Errorf("version %d (-want +got):\n%s", number, diff)
		}
		if peak := group.Peak(); peak == nil || *peak != *want.Peak {
			t.Errorf("version %d: the group's peak is %v", number, peak)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestFilesThatThisKernelLacksAreUnknown(t *testing.T) {
	_, group := version(t, 2, map[string]string{"memory.current": "1048576\n", "cpu.stat": "usage_usec 1000000\n"})
	r, err := Open(group)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := r.Read()
	want := containers.Usage{CPUSeconds: new(1.0)}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(containers.Usage{}, "At")); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := Open(group.Child("none")); err == nil {
		t.Error("a group that is not there was opened")
	}
}

func TestControllersThatComeLaterAreRead(t *testing.T) {
	_, group := version(t, 1, map[string]string{"memory.usage_in_bytes": "1048576\n"})
	r, err := Open(group)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := r.Read(); err != nil || got.CPUSeconds != nil {
		t.Fatalf("before the controller came: %v, %v", got.CPUSeconds, err)
	}
	write(t, filepath.Join(group.dir("cpuacct"), "cpuacct.usage"), "2000000000\n")
	if got, err := r.Read(); err != nil || got.CPUSeconds == nil || *got.CPUSeconds != 2 {
		t.Errorf("after it came: %v, %v", got.CPUSeconds, err)
	}
}

func TestMakeAndRemove(t *testing.T) {
	for number := 1; number <= 2; number++ {
		h, _ := version(t, number, nil)
		if number == 2 {
			write(t, filepath.Join(h.mounts[""], "cgroup.subtree_control"), "")
		}
		group, err := h.Make(t.Context(), "/plan-b")
		if err != nil || group.Path() != "/plan-b" || !h.Exists("/plan-b") {
			t.Fatalf("version %d: %v %v", number, group, err)
		}
		if number == 2 {
			text, _ := os.ReadFile(filepath.Join(h.mounts[""], "cgroup.subtree_control"))
			if string(text) != "+memory" {
				t.Errorf("the root was asked for %q", text)
			}
		}
		if err := os.MkdirAll(group.Child("api").Child("c").dir("cpu"), 0o755); err != nil {
			t.Fatal(err)
		}
		h.Prune("/plan-b")
		if !h.Exists("/plan-b/api/c") {
			t.Errorf("version %d: Prune took a group with others below it", number)
		}
		for range 2 {
			if err := h.Remove(t.Context(), "/plan-b"); err != nil {
				t.Error(err)
			}
		}
		if h.Exists("/plan-b") {
			t.Errorf("version %d: it is still there", number)
		}
	}
}

// TestReclaimOfAPart: the kernel answers that it could reclaim less than all, in a file that
// can be polled like this pipe. It is not asked again once the file takes more: it always
// does.
func TestReclaimOfAPart(t *testing.T) {
	_, group := version(t, 2, map[string]string{"memory.current": "1048576\n"})
	path := filepath.Join(group.dir("memory"), "memory.reclaim")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for err == nil {
		_, err = unix.Write(fd, make([]byte, 4096)) // until it is full
	}
	done := make(chan error)
	go func() { done <- group.Reclaim() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it waits")
	}
}

// TestEmptyGroups: one that has a process, even in one controller alone or in a group
// below it, is not empty.
func TestEmptyGroups(t *testing.T) {
	for number := 1; number <= 2; number++ {
		h, _ := version(t, number, nil)
		roots := h.roots()
		for _, name := range []string{"plan-idle/c", "plan-busy", "plan-below/c", "other"} {
			for _, root := range roots {
				write(t, filepath.Join(root, name, "cgroup.procs"), "")
			}
		}
		last := roots[len(roots)-1]
		write(t, filepath.Join(last, "plan-busy", "cgroup.procs"), "12\n")
		write(t, filepath.Join(last, "plan-below/c", "cgroup.procs"), "12\n")
		changed := time.Now().Add(-time.Hour).Truncate(time.Second)
		for _, root := range roots {
			for _, name := range []string{"plan-idle/c", "plan-idle"} {
				if err := os.Chtimes(filepath.Join(root, name), changed, changed); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := h.Empty("plan-"); len(got) != 1 || !got["plan-idle"].Equal(changed) {
			t.Errorf("version %d: %v", number, got)
		}
	}
}

func TestTallyDistinguishesKillsFromTheGroupsEnd(t *testing.T) {
	type signal struct {
		n     int64
		alive bool
	}
	for _, c := range []struct {
		name    string
		signals []signal
		want    int64
	}{
		{"only the end", []signal{{1, false}}, 0},
		{"a kill, then the end", []signal{{1, true}, {1, false}}, 1},
		{"a kill told when all was over", []signal{{1, false}, {1, false}}, 1},
		{"both told at once", []signal{{2, false}}, 1},
		{"three kills, two told late", []signal{{1, true}, {3, false}}, 3},
	} {
		var kills int64
		var count killCounter
		for _, s := range c.signals {
			kills += count.add(s.n, s.alive)
		}
		if kills != c.want {
			t.Errorf("%s: %d kills, want %d", c.name, kills, c.want)
		}
	}
}

func TestVersion2DetectedByItsCounter(t *testing.T) {
	_, group := version(t, 2, map[string]string{"memory.events": "oom 0\noom_kill 1\n"})
	found := make(chan int64, 10)
	w, err := WatchOOM(group, func(kills int64) { found <- kills })
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(group.dir("memory"), "memory.events"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt([]byte("oom 5\noom_kill 3\n"), 0); err != nil {
		t.Fatal(err)
	}
	select {
	case kills := <-found:
		if kills != 2 {
			t.Errorf("told of %d kills, want 2", kills)
		}
	case <-time.After(5 * time.Second):
		t.Error("nothing was told")
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestInotifyRecords(t *testing.T) {
	record := func(name string) string {
		padded := name + strings.Repeat("\x00", 16-len(name))
		return strings.Repeat("\x00", 12) + "\x10\x00\x00\x00" + padded
	}
	unnamed := strings.Repeat("\x00", 16)
	got := inotifyNames([]byte(record("abc") + unnamed + record("defg")))
	if diff := cmp.Diff([]string{"abc", "", "defg"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestKernelLines(t *testing.T) {
	record := "6,1234,99,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=abc,mems_allowed=0,oom_memcg=/plan-a/api/abc,task_memcg=/plan-a/api/abc,task=api,pid=7,uid=0\n SUBSYSTEM=x\n"
	if line, ok := parseKillLine(record); !ok || !strings.HasSuffix(line, "uid=0") || !strings.HasPrefix(line, "oom-kill:") {
		t.Errorf("%q, %v", line, ok)
	}
	if _, ok := parseKillLine("6,1235,99,-;eth0: link becomes ready /plan-a/api/abc\n"); ok {
		t.Error("another line counts as a kill")
	}
}
