package lang

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/hcl/v2"

	"plan/engine"
	"plan/plans"
)

// addLoad adds the load of a stage, with its scenario as it is now, and the file
// that its driver is to run.
func (b *builder) addLoad(s *plans.Stage, r *decodedBlock) {
	a, stages := get[arrivals](r, "arrival_rate"), get[staged](r, "stages")
	l := &plans.Workload{
		Users:       get[int](r, "users"),
		SpawnRate:   get[float64](r, "spawn_rate"),
		Runtime:     get[time.Duration](r, "runtime"),
		ArrivalRate: a.rate,
		Poisson:     a.poisson || stages.poisson,
		Stages:      stages.list,
		WarmUp:      get[time.Duration](r, "warm_up"),
		Agents:      get[int](r, "agents"),
	}
	switch {
	case l.Runtime != 0 || !r.omits("runtime"):
	case r.omits("stages"):
		standard, _ := typeSpan.of("runtime", standardRuntime)
		l.Runtime = standard.(time.Duration)
	default:
		l.Runtime = engine.Load{Stages: stages.list}.StagesTake()
	}
	if d := r.one("driver"); d != nil {
		shape := s.Kind == plans.Check && r.omits("users")
		if shape && r.omits("runtime") {
			l.Runtime = plans.ShapeRuntime
		}
		image := get[target](d, "image")
		l.Driver = &plans.Driver{Kind: d.label, File: get[string](d, "file"), Image: b.imageToRun(image),
			ImageOf: image.address, Shape: shape}
		if l.Driver.File != "" {
			l.Driver.Data, _ = b.decoder.content(l.Driver.File, maxScript, d.rangeOf("file"))
		}
		l.Driver.Environment = get[map[string]string](d, "environment")
		l.Driver.Args, l.Driver.Tags = get[[]string](d, "args"), get[[]string](d, "tags")
		b.driverFiles(l.Driver, get[[]string](d, "files"), d.rangeOf("files"))
		if name := get[string](d, "requirements"); name != "" {
			l.Driver.Requirements, _ = b.decoder.content(name, maxScript, d.rangeOf("requirements"))
		}
	}
	if scenario := b.scenarioOf(s, r); scenario != nil {
		l.Scenario = *scenario
	}
	if r.omits("users") {
		l.Users = l.Load(0, 0).NeededUsers()
	}
	s.Load = l
}

// mostFiles are the files that a driver may have beside its own.
const mostFiles = 1000

// driverFiles reads the files that a driver names, and those of its folders. They and the
// driver's own file keep their places in the innermost folder that holds all that is
// named: imports and paths work as they do where Locust is started in that folder.
func (b *builder) driverFiles(driver *plans.Driver, names []string, at hcl.Range) {
	folder := filepath.Dir(b.program.resolvePath(driver.File))
	start := folder
	for _, name := range names {
		path := b.program.resolvePath(name)
		if last := filepath.Base(filepath.FromSlash(name)); last != "." && last != ".." {
			path = filepath.Dir(path)
		}
		for !within(path, start) && start != filepath.Dir(start) {
			start = filepath.Dir(start)
		}
	}
	driver.Folder = slashed(start, folder)
	for _, name := range names {
		for _, one := range b.filesIn(name, at) {
			data, ok := b.decoder.content(one, maxData, at)
			if !ok {
				break
			}
			driver.Files = append(driver.Files, plans.DriverFile{Name: slashed(start, b.program.resolvePath(one)), Data: data})
		}
	}
}

// within reports whether a path is a folder or lies in it.
func within(path, folder string) bool {
	inside, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(inside)
}

// slashed is a path from a folder that it lies in, with slashes; "" for the folder.
func slashed(folder, path string) string {
	inside, _ := filepath.Rel(folder, path) // both are absolute
	if inside == "." {
		return ""
	}
	return filepath.ToSlash(inside)
}

// filesIn returns the files of a folder, or the name itself where it is no folder.
func (b *builder) filesIn(name string, at hcl.Range) []string {
	path := b.program.resolvePath(name)
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return []string{name}
	}
	var names []string
	err := filepath.WalkDir(path, func(inside string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "__pycache__":
			return fs.SkipDir
		case entry.Type().IsRegular():
			names = append(names, inside)
		}
		if len(names) > mostFiles {
			return fmt.Errorf("it has more than %d files", mostFiles)
		}
		return nil
	})
	if err != nil {
		b.diags.error("P0002", at, fmt.Sprintf("%s: %v", name, err), "name the files that the locustfile needs")
		return nil
	}
	return names
}

// scenarioOf is the scenario that a block names, as it is now; nil where it names none.
func (b *builder) scenarioOf(s *plans.Stage, r *decodedBlock) *plans.Scenario {
	x := b.program.index[get[target](r, "scenario").address]
	if x == nil {
		return nil
	}
	scenario := b.decoder.redecode(x.node)
	anew := b
	if b.evaluator.known == nil { // its diagnostics were reported when the plan was loaded
		anew = newBuilder(b.evaluator.quiet())
	}
	s.Unknown = append(s.Unknown, scenario.unknowns("scenario.")...)
	return new(anew.buildScenario(scenario))
}
