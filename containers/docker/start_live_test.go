package docker

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"

	"plan/containers"
	"plan/containers/docker/apierror"
	"plan/containers/docker/images"
	"plan/internal/units"
)

func TestEveryWitnessSeesAKillAtTheStart(t *testing.T) {
	d := live(t)
	if !d.Local(bootID()) {
		t.Skip("the engine is not on this machine: only it sees its kills")
	}
	if d.Local("another machine") {
		t.Error("another machine's boot id counts as this one's")
	}
	i := start(t, d, spec(t, d, "eat", "100"))
	await(t, i, containers.OOM)
	await(t, i, containers.Died)
	s := state(t, i)
	if s.Running || s.ExitCode == nil || *s.ExitCode != 137 || s.Killed {
		t.Errorf("state is %+v, want ended with 137, not killed from outside", s)
	}
	h := d.host.Load()
	info, err := d.engine.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h.parents == nil && os.Geteuid() == 0 && !strings.Contains(strings.Join(info.SecurityOptions, " "), "rootless") {
		t.Errorf("root may make control groups by %s", info.CgroupDriver)
	}
	var want []string
	if info.CgroupVersion != "2" { // there containerd reads the counter, at times after it has told the end
		want = append(want, "state")
	}
	if h.parents != nil {
		want = append(want, "cgroup")
		if s.Peak == nil || *s.Peak < 60*units.MiB || *s.Peak > 65*units.MiB {
			t.Errorf("peak is %v, want about the limit of 64M", s.Peak)
		}
		if h.kernel != nil {
			want = append(want, "kernel")
		}
	}
	for _, source := range want {
		if !strings.Contains(witnessSources(s), source) {
			t.Errorf("witnesses are %q, want %q among them", witnessSources(s), source)
		}
	}
	if s.Limits != (containers.Limits{Memory: 64 * units.MiB, CPUs: 500}) {
		t.Errorf("limits read back are %+v", s.Limits)
	}
	t.Logf("witnesses: %s, peak: %v", witnessSources(s), s.Peak)
	if h.parents == nil {
		return
	}
	if err := i.Remove(t.Context()); err != nil || h.parents.Exists(d.groupPath(i.Name())) {
		t.Errorf("its control group is left: %v", err)
	}
	if err := d.Clean(t.Context()); err != nil || len(slicesOf(t, d.options.Run)) > 0 {
		t.Errorf("slices are left: %q, %v", slicesOf(t, d.options.Run), err)
	}
}

// slicesOf returns the slices that systemd has for a run; none where it does not run the
// machine.
func slicesOf(t *testing.T, run string) (units []string) {
	t.Helper()
	text, err := exec.Command("systemctl", "list-units", "--all", "--plain", "--no-legend", "--type=slice").Output()
	if _, runs := os.Stat("/run/systemd/system"); err != nil && runs == nil {
		t.Error(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, run) {
			units = append(units, line)
		}
	}
	return units
}

// Of a run that was killed only control groups may be left: they are found by their
// names. Any other run on this engine may remove them first.
func TestControlGroupsOfADeadRunAreRemoved(t *testing.T) {
	d := live(t)
	if !d.Local(bootID()) || d.host.Load().parents == nil {
		t.Skip("no control groups can be made here")
	}
	parents, run := d.host.Load().parents, d.options.Run+"-dead"
	group, err := parents.Make(t.Context(), runGroup(run)+"/api")
	if err != nil {
		t.Fatal(err)
	}
	parents.Empty(runGroupPrefix)       // the kernel gives a group the time at which somebody first looked at it
	time.Sleep(1100 * time.Millisecond) // a younger one may be of a run that removes it now
	removed, err := d.CleanRuns(t.Context(), run)
	what := slices.IndexFunc(removed, func(l Leftover) bool { return l.Run == run })
	if err != nil || what >= 0 && !slices.Equal(removed[what].Resources, []string{"control group " + path.Dir(group.Path())}) {
		t.Errorf("removed %+v, %v", removed, err)
	}
	if parents.Exists(runGroup(run)) || len(slicesOf(t, run)) > 0 {
		t.Errorf("the control group is left: %q", slicesOf(t, run))
	}
}

func TestAKilledWorkerIsSeenWhileItsParentLives(t *testing.T) {
	d := live(t)
	d.Local(bootID())
	i := start(t, d, spec(t, d, "worker", "100"))
	await(t, i, containers.OOM)
	waitForLog(t, i, "the worker is gone")
	s := state(t, i)
	if !s.Running || s.ExitCode != nil || len(s.Witnesses) == 0 {
		t.Errorf("state is %+v, want running with witnesses", s)
	}
}

// waitForLog follows the log until a line comes.
func waitForLog(t *testing.T, i *Instance, line string) {
	t.Helper()
	log, err := i.Follow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if lines.Text() == line {
			return
		}
	}
	t.Fatalf("the log ended without %q", line)
}

func TestALimitTooSmallForTheContainerItselfIsAResult(t *testing.T) {
	d := live(t)
	d.Local(bootID())
	s := spec(t, d, "eat", "100")
	s.Limits = containers.Limits{Memory: 6 * units.MiB, CPUs: 2000} // it takes much CPU to die
	i := start(t, d, s)
	await(t, i, containers.Died)
	if s := state(t, i); s.Running || len(s.Witnesses) == 0 {
		t.Errorf("state is %+v, want ended with a witness", s)
	}
}

func TestUsageAndLogsOfAContainerThatServes(t *testing.T) {
	for _, local := range []bool{true, false} {
		d := live(t)
		if local && !d.Local(bootID()) {
			t.Log("the engine is not on this machine: only its own figures can be had")
		}
		i := start(t, d, spec(t, d))
		waitForLog(t, i, "serving")
		waitForLog(t, i, "no fault")
		usage := firstUsage(t, i)
		if usage.WorkingSet == nil || *usage.WorkingSet <= 0 || usage.Anonymous == nil || usage.CPUSeconds == nil || usage.Periods == nil {
			t.Errorf("local %v: usage lacks figures: %+v", local, usage)
		}
		if usage.WorkingSetPeak == nil || *usage.WorkingSetPeak < *usage.WorkingSet {
			t.Errorf("local %v: the peak is below the working set: %+v", local, usage)
		}
		if !strings.HasSuffix(i.Address(), ":8000") || strings.HasPrefix(i.Address(), i.Name()) {
			t.Errorf("address is %s, want an IP with port 8000", i.Address())
		}
		if lines, err := i.Logs(t.Context(), 1); err != nil || len(lines) != 1 {
			t.Errorf("the last line is %q, %v", lines, err)
		}
		if s := state(t, i); !s.Running || s.ExitCode != nil || len(s.Witnesses) > 0 || s.Started.IsZero() {
			t.Errorf("state is %+v, want running and nothing else", s)
		}
	}
}

func firstUsage(t *testing.T, i *Instance) containers.Usage {
	t.Helper()
	limit := time.Now().Add(10 * time.Second)
	for tick := time.NewTicker(10 * time.Millisecond); time.Now().Before(limit); <-tick.C {
		if usage, ok := i.Usage(); ok && orZero(usage.Periods) > 0 {
			return usage
		}
	}
	t.Fatal("no sample within 10 s")
	return containers.Usage{}
}

func TestExitCodeAndRemoval(t *testing.T) {
	d := live(t)
	d.Local(bootID())
	i := start(t, d, spec(t, d, "exit", "3"))
	if event := await(t, i, containers.Died); event.Detail != "exit code 3" {
		t.Errorf("the end is told as %q", event.Detail)
	}
	s := state(t, i)
	if s.ExitCode == nil || *s.ExitCode != 3 || len(s.Witnesses) > 0 || s.Restarts != 0 || s.Finished.IsZero() {
		t.Errorf("state is %+v, want exit code 3 without a witness", s)
	}
	for range 2 {
		if err := i.Remove(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for range i.Events() { // it ends only when Remove has closed it
	}
	if left, _ := d.Resources(t.Context()); strings.Contains(strings.Join(left, " "), "container") {
		t.Errorf("left: %v", left)
	}
}

func TestAKillFromOutsideIsReported(t *testing.T) {
	d := live(t)
	d.Local(bootID())
	i := start(t, d, spec(t, d))
	err := untimed(d).ContainerKill(t.Context(), i.ID(), "KILL")
	if err != nil {
		t.Fatal(err)
	}
	await(t, i, containers.Died)
	if s := state(t, i); !s.Killed || len(s.Witnesses) > 0 || *s.ExitCode != 137 {
		t.Errorf("state is %+v, want killed from outside without a witness", s)
	}
}

func TestStartErrorsLeaveNothing(t *testing.T) {
	d := live(t)
	d.Local(bootID())
	blocker := spec(t, d)
	blocker.Ports = []containers.Port{{Address: "127.0.0.1", Container: 8000}}
	blocking := start(t, d, blocker)
	found, err := d.engine.ContainerInspect(t.Context(), blocking.ID())
	if err != nil {
		t.Fatal(err)
	}
	taken := hostPort(t, found)
	for _, c := range []struct {
		name   string
		change func(*containers.Spec)
		kind   containers.Kind
		text   string
	}{
		{"no such command", func(s *containers.Spec) { s.Command = nil; s.Image = bare(t, d, "/nowhere") }, containers.CannotStart, "127"},
		{"not executable", func(s *containers.Spec) { s.Image = bare(t, d, "/etc/hosts") }, containers.CannotStart, "126"},
		{"port of a container", func(s *containers.Spec) {
			s.Ports = []containers.Port{{Address: "127.0.0.1", Host: taken, Container: 8000}}
		}, containers.PortInUse, "another container"},
		{"no such image", func(s *containers.Spec) { s.Image = strings.Replace(testImage, "service", "servise", 1) }, containers.NoImage, testImage},
		{"no such network", func(s *containers.Spec) { s.Networks = []string{"plan-test-nowhere"} }, containers.NoNetwork, "plan-test-nowhere"},
		{"too many CPUs", func(s *containers.Spec) { s.Limits.CPUs = 9_000_000 }, containers.CannotStart, "CPUs"},
		{"no such user", func(s *containers.Spec) { s.User = "nowhere-man:1" }, containers.CannotStart, "no user nowhere-man"},
		{"no such folder", func(s *containers.Spec) {
			s.Volumes = []containers.Volume{{Source: "/plan-test/nowhere", Target: "/data", Bind: true}}
		}, containers.CannotStart, "/plan-test/nowhere is not on"},
		{"two volumes in one place", func(s *containers.Spec) {
			twice := containers.Volume{Source: t.TempDir(), Target: "/data", Bind: true}
			s.Volumes = []containers.Volume{twice, twice}
		}, containers.CannotStart, "at /data"},
		{"too little memory", func(s *containers.Spec) { s.Limits.Memory = units.MiB }, containers.CannotStart, "6MB"},
	} {
		s := spec(t, d)
		c.change(&s)
		_, err := d.Start(t.Context(), s)
		var fault *containers.Error
		if !errors.As(err, &fault) || fault.Kind != c.kind || !strings.Contains(fault.Error(), c.text) || fault.Help == "" {
			t.Errorf("%s: %v (%+v), want kind %s with %q", c.name, err, fault, c.kind, c.text)
		}
	}
	left, err := d.Resources(t.Context())
	if want := "container " + blocking.Name(); err != nil || !strings.Contains(left[0], want) || strings.Contains(left[1], "container") {
		t.Errorf("left is %v, want no container but %s", left, want)
	}
}

func hostPort(t *testing.T, c container.InspectResponse) int {
	t.Helper()
	bound := c.NetworkSettings.Ports["8000/tcp"]
	if len(bound) == 0 {
		t.Fatal("no port was published")
	}
	port, err := strconv.Atoi(bound[0].HostPort)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// bare makes an image whose entrypoint cannot run.
func bare(t *testing.T, d *Docker, entrypoint string) string {
	t.Helper()
	reference := strings.Replace(testImage, "service", "bare"+strings.ReplaceAll(entrypoint, "/", "-"), 1)
	err := d.Images.Build(t.Context(), images.Scratch{Reference: reference, Binary: d.options.Binary, Entrypoint: []string{entrypoint}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeImage(t, d, reference) })
	return reference
}

func removeImage(t *testing.T, d *Docker, reference string) {
	t.Helper()
	_, err := d.engine.ImageRemove(context.WithoutCancel(t.Context()), reference, image.RemoveOptions{})
	if err != nil && !apierror.NotFound(err) {
		t.Log(err)
	}
}
