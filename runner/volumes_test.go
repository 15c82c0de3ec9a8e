package runner

import (
	"slices"
	"strings"
	"testing"

	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
)

// stored is a stack whose services have volumes.
const stored = `
service "database" {
  image   = "db:latest"
  expose  = ["5432"]
  volumes = ["rows:/data", "shared:/shared:ro"]
}

service "model" {
  image      = "model:latest"
  expose     = ["5000"]
  depends_on = [service.database]
  volumes    = ["models:/models:ro", "./folder:/folder"]
}

service "api" {
  image      = "api:latest"
  expose     = ["8000"]
  depends_on = [service.model]
  volumes    = ["models:/models:ro", "new:/new", "shared:/shared"]
}

service "unused" {
  image   = "unused:latest"
  volumes = ["models:/models"]
}

check "first" {
  service = service.api
}

check "second" {
  service = service.api
}
`

func TestVolumesAreNeverWrittenTo(t *testing.T) {
	mounted := map[string][]string{} // by service
	said := &notes{}
	there := func(b *bench) {
		b.runner.Observer = said
		b.runtime.volumes = map[string]units.Bytes{"rows": 5 * units.MiB, "models": 50 * units.GiB, "shared": 0}
	}
	in(t, stored, fakeService{}, there, func(t *testing.T, b *bench, r journal.Run) {
		for _, spec := range b.runtime.specs {
			mounted[spec.Service] = nil
			for _, v := range spec.Volumes {
				if !v.Bind {
					mounted[spec.Service] = append(mounted[spec.Service], v.Source)
				}
			}
		}
		for service, want := range map[string]string{
			"database": "plan-test-rows plan-test-shared", "model": "models", "api": "models plan-test-new plan-test-shared",
		} {
			if got := strings.Join(mounted[service], " "); got != want {
				t.Errorf("%s has the volumes %s, not %s", service, got, want)
			}
		}
		want := []string{"volume new", "volume rows", "volume shared", "database", "model", "api", "api"}
		if !slices.Equal(b.runtime.order, want) {
			t.Errorf("made and started: %v", b.runtime.order)
		}
		want = []string{"the volume rows is copied for the run (5M): what services write to it is removed with the run"}
		if !slices.Equal(said.texts, want) {
			t.Errorf("said: %v", said.texts)
		}
	})
	large := func(b *bench) {
		b.runtime.volumes = map[string]units.Bytes{"rows": containers.VolumeCopyLimit + 1}
	}
	in(t, stored, fakeService{}, large, func(t *testing.T, b *bench, r journal.Run) {
		if r.Run.ExitCode != ExitEnvironment || r.Run.Problem != "the volume rows is too large" || slices.Contains(b.runtime.order, "database") {
			t.Errorf("exit %d: %s; started %v", r.Run.ExitCode, r.Run.Problem, b.runtime.order)
		}
	})
}

func TestHelpersAreRestartedBeforeEachTrial(t *testing.T) {
	plan := strings.Replace(stored, "depends_on = [service.model]\n", "depends_on = [service.model]\n  restart_helpers = true\n", 1)
	in(t, plan, fakeService{}, nil, func(t *testing.T, b *bench, r journal.Run) {
		once := []string{"volume new", "volume shared", "volume rows", "database", "model", "api"}
		made := []string{"volume models", "volume new", "volume rows", "volume shared"}
		if got, want := b.runtime.order, slices.Concat(made, once, once); !slices.Equal(got, want) {
			t.Errorf("made and started: %v\n%v", got, want)
		}
		if left := b.runtime.instances(containers.Helper); len(left) > 0 {
			t.Errorf("%d helpers are left", len(left))
		}
		for _, s := range r.Stages {
			if s.Verdict != journal.Passed {
				t.Errorf("%s: %s", s.Address, s.Reason)
			}
		}
	})
	broken := func(b *bench) {
		b.runtime.helper = map[string]fakeService{"model": {never: true}}
	}
	in(t, plan, fakeService{}, broken, func(t *testing.T, b *bench, r journal.Run) {
		if r.Run.ExitCode != ExitEnvironment || !strings.HasPrefix(r.Run.Problem, "service.model, which service.api depends on, was not ready") {
			t.Errorf("exit %d: %s", r.Run.ExitCode, r.Run.Problem)
		}
		if got := r.Stages[0].Verdict; got != journal.Aborted {
			t.Errorf("the stage is %s", got)
		}
	})
}

// A helper of an earlier stage may mount a volume that is renewed: the engine removes no
// volume in use. A later stage that needs the helper starts it again.
func TestAHelperOfAnotherStageMountsAVolumeThatIsRenewed(t *testing.T) {
	const web = `
service "reader" {
  image   = "reader:latest"
  expose  = ["6000"]
  volumes = ["new:/new:ro"]
}
service "cache" {
  image   = "cache:latest"
  expose  = ["7000"]
  volumes = ["models:/models:ro"]
}
service "web" {
  image      = "web:latest"
  expose     = ["8000"]
  depends_on = [service.reader, service.cache]
}
check "before" {
  service = service.web
}
`
	const after = `
check "after" {
  service = service.web
}
`
	plan := web + strings.Replace(stored, "depends_on = [service.model]\n", "depends_on = [service.model]\n  restart_helpers = true\n", 1) + after
	there := func(b *bench) { b.runtime.volumes = map[string]units.Bytes{"models": 0} }
	in(t, plan, fakeService{}, there, func(t *testing.T, b *bench, r journal.Run) {
		once := []string{"volume new", "volume shared", "volume rows", "database", "model", "api"}
		made := []string{"volume new", "volume rows", "volume shared", "reader", "cache", "web"}
		if got, want := b.runtime.order, slices.Concat(made, once, once, []string{"reader", "web"}); !slices.Equal(got, want) {
			t.Errorf("made and started: %v, want %v; exit %d, %s", got, want, r.Run.ExitCode, r.Run.Problem)
		}
	})
}
