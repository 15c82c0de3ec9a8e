package docker

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/volume"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// said runs a container to its end and gives what it printed.
func said(t *testing.T, d *Docker, s containers.Spec) []string {
	t.Helper()
	i := start(t, d, s)
	await(t, i, containers.Died)
	lines, err := i.Logs(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestReplicasShareTheServicesName(t *testing.T) {
	stranger, d := live(t), live(t)
	network, err := stranger.Network(t.Context(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	s := spec(t, d)
	s.Networks = []string{network}
	addresses := map[string]bool{}
	for s.Replica = 1; s.Replica <= 3; s.Replica++ {
		i := start(t, d, s)
		addresses[i.Address()] = true
		if want := fmt.Sprintf("plan-%s-api-search.memory-3-%d", d.options.Run, s.Replica); i.Name() != want {
			t.Errorf("replica %d is called %s, want %s", s.Replica, i.Name(), want)
		}
	}
	if len(addresses) != 3 {
		t.Errorf("the addresses are %v", addresses)
	}
	driver := spec(t, d, "lookup", "api", "locust", "plan-"+d.options.Run+"-locust-x")
	driver.Networks, driver.Role, driver.Service, driver.Trial = s.Networks, containers.Generator, "locust", "x"
	if got := strings.Join(said(t, d, driver), ", "); got != "api 3, locust 0, plan-"+d.options.Run+"-locust-x 1" {
		t.Errorf("the driver finds %s", got)
	}
}

func TestAHelperIsFoundByItsNameOrNotStarted(t *testing.T) {
	stranger, d := live(t), live(t)
	theirs := spec(t, stranger)
	theirs.Service = "db"
	there := start(t, stranger, theirs)
	helper := spec(t, d)
	helper.Service, helper.Role, helper.Trial, helper.Networks = "db", containers.Helper, "", theirs.Networks
	_, err := d.Start(t.Context(), helper)
	if !isKind(err, containers.NameInUse) || !strings.Contains(err.Error(), there.Name()) || !strings.Contains(err.Error(), theirs.Networks[0]) {
		t.Errorf("beside another db it gives %v", err)
	}
	if err := there.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	i := start(t, d, helper)
	asking := spec(t, d, "lookup", "db")
	asking.Networks = theirs.Networks
	if got := said(t, d, asking); got[0] != "db 1" {
		t.Errorf("once it is gone: %v", got)
	}
	left, err := d.Resources(t.Context())
	if err != nil || !strings.Contains(strings.Join(left, " "), "container "+i.Name()) {
		t.Errorf("left is %v, %v", left, err)
	}
}

func TestVolumes(t *testing.T) {
	d := live(t)
	old, missing := "plan-test-old-"+d.options.Run, "plan-test-missing-"+d.options.Run
	if _, err := d.engine.VolumeCreate(t.Context(), volume.CreateOptions{Name: old}); err != nil {
		t.Fatal(err)
	}
	defer d.engine.VolumeRemove(t.Context(), old, false)
	own, err := d.Volume(t.Context(), missing, true)
	if err != nil {
		t.Fatal(err)
	}
	made, folder := own.Name, t.TempDir()
	volumes := []containers.Volume{
		{Source: old, Target: "/old"}, {Source: made, Target: "/made"}, {Source: folder, Target: "/bind", Bind: true},
	}
	s := spec(t, d)
	s.Volumes, s.Service = volumes, "writer"
	for _, v := range volumes {
		s.Command = []string{"write", v.Target + "/file"}
		if got := said(t, d, s); got[0] != "0:0 <nil>" {
			t.Errorf("%+v: %v", v, got)
		}
	}
	if text, err := os.ReadFile(folder + "/file"); err != nil || string(text) != "0:0" {
		t.Errorf("on the host is %q, %v", text, err)
	}
	for n := range s.Volumes {
		s.Volumes[n].ReadOnly = true
		s.Command = []string{"write", s.Volumes[n].Target + "/file"}
		if got := said(t, d, s); !strings.Contains(got[0], "read-only file system") {
			t.Errorf("%+v: %v", s.Volumes[n], got)
		}
	}
	s.Command = []string{"show", "/old/file", "/made/file", "/bind/file"}
	if got := said(t, d, s); len(got) != 3 || !strings.HasSuffix(got[1], "0:0 0:0") {
		t.Errorf("what was written is read as %v", got)
	}
	if left, err := d.Resources(t.Context()); err != nil || !strings.Contains(strings.Join(left, ", "), "volume "+made) || strings.Contains(strings.Join(left, ", "), old) {
		t.Errorf("left is %v, %v", left, err)
	}
	if err := d.Clean(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.engine.VolumeInspect(t.Context(), made); !apierror.NotFound(err) {
		t.Errorf("the volume that was made gives %v", err)
	}
	if _, err := d.engine.VolumeInspect(t.Context(), old); err != nil {
		t.Errorf("the volume that was there gives %v", err)
	}
}

// What a run writes to a volume that exists goes into a copy.
func TestVolumesAreCopied(t *testing.T) {
	d := live(t)
	name := "plan-test-named-" + d.options.Run
	if _, err := d.engine.VolumeCreate(t.Context(), volume.CreateOptions{Name: name}); err != nil {
		t.Fatal(err)
	}
	defer d.engine.VolumeRemove(t.Context(), name, false)
	s := spec(t, d)
	in := func(volume string, command ...string) string {
		s.Volumes, s.Command = []containers.Volume{{Source: volume, Target: "/data"}}, command
		return strings.Join(said(t, d, s), ", ")
	}
	if got := in(name, "write", "/data/model"); got != "0:0 <nil>" {
		t.Fatal(got)
	}
	if own, err := d.Volume(t.Context(), name, false); err != nil || own.Name != name || own.Copied != 0 {
		t.Errorf("it is mounted as it is: %+v, %v", own, err)
	}
	for range 2 { // the second call replaces the first copy
		own, err := d.Volume(t.Context(), name, true)
		if err != nil || own.Name == name || own.Copied == 0 {
			t.Fatalf("it is copied: %+v, %v", own, err)
		}
		if got := in(own.Name, "show", "/data/model"); !strings.HasSuffix(got, "0:0 0:0") {
			t.Errorf("the copy holds %s", got)
		}
		if got := in(own.Name, "show", "/data/more"); !strings.Contains(got, "no such file") {
			t.Errorf("the copy holds what was written to the one before: %s", got)
		}
		if got := in(own.Name, "write", "/data/more"); got != "0:0 <nil>" {
			t.Error(got)
		}
	}
	if got := in(name, "show", "/data/more"); !strings.Contains(got, "no such file") {
		t.Errorf("the volume itself was written to: %s", got)
	}
	if err := d.Clean(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.engine.VolumeInspect(t.Context(), name); err != nil {
		t.Errorf("the volume that was there gives %v", err)
	}
}

func TestAVolumeThatAnotherRunUsesIsNamed(t *testing.T) {
	d, stranger := live(t), live(t)
	own, err := d.Volume(t.Context(), "plan-test-shared", true)
	if err != nil {
		t.Fatal(err)
	}
	made := containers.Volume{Source: own.Name, Target: "/data"}
	s := spec(t, d, "write", "/data/file")
	s.Volumes = []containers.Volume{made}
	said(t, d, s)
	theirs := spec(t, stranger)
	theirs.Volumes = s.Volumes
	using := start(t, stranger, theirs)
	if err := d.Clean(t.Context()); !isKind(err, containers.Other) || !strings.Contains(err.Error(), "--filter volume="+made.Source) {
		t.Errorf("cleaning gives %v", err)
	}
	if err := using.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestUserAndFiles(t *testing.T) {
	d := live(t)
	s := spec(t, d, "show", "/locustfile.py", "/etc/deep/secret")
	s.Files = []containers.File{
		{Path: "/locustfile.py", Mode: 0o644, Data: []byte("import locust")},
		{Path: "/etc/deep/secret", Mode: 0o600, Data: []byte("x")},
	}
	for user, want := range map[string]string{
		"":          "/locustfile.py -rw-r--r-- 0:0 import locust, /etc/deep/secret -rw------- 0:0 x",
		"1000:1001": "/locustfile.py -rw-r--r-- 0:0 import locust, open /etc/deep/secret: permission denied",
	} {
		s.User = user
		if got := strings.Join(said(t, d, s), ", "); got != want {
			t.Errorf("user %q: %s", user, got)
		}
	}
}
