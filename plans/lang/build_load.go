package lang

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

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
		for _, name := range get[[]string](d, "files") {
			l.Driver.Files = append(l.Driver.Files, b.driverFiles(name, l.Driver.File, d)...)
		}
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

// driverFiles reads a file of a driver, or all files of a folder.
func (b *builder) driverFiles(name, script string, d *decodedBlock) []plans.DriverFile {
	base, at := filepath.Dir(b.program.resolvePath(script)), d.rangeOf("files")
	names := []string{name}
	path := b.program.resolvePath(name)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		names = nil
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
	}
	var files []plans.DriverFile
	for _, one := range names {
		inside, err := filepath.Rel(base, b.program.resolvePath(one))
		if err != nil || strings.HasPrefix(inside, "..") {
			b.diags.error("P0002", at, fmt.Sprintf("%s is not in the folder of %s", name, script),
				"move it there: Locust finds what lies beside the locustfile")
			return nil
		}
		data, ok := b.decoder.content(one, maxData, at)
		if !ok {
			return nil
		}
		files = append(files, plans.DriverFile{Name: filepath.ToSlash(inside), Data: data})
	}
	return files
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
