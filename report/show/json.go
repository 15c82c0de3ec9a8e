package show

import (
	"io"
	"maps"
	"slices"

	"plan/internal/exchange"
	"plan/plans"
	"plan/report/formats"
	"plan/runner/journal"
)

// JSON writes a plan as it would run. Bytes, seconds and CPUs are plain numbers;
// what only the run can know is null and listed in `unknown`. Stars replace
// secrets.
func JSON(w io.Writer, p *plans.Plan) error {
	f := journal.NewFilter(p.Secrets)
	d := planDocument{
		Plan: journal.Plan{Name: p.Name, File: p.File, SHA256: p.SHA256}, Description: f.Text(p.Description),
		Images: []imageView{}, Networks: []networkView{}, Preflights: []preflightView{},
		Services: formats.List(servicesOf(p, f)),
		Guard: guardView{HostMemoryFree: orNil(int64(p.Guard.HostMemoryFree)), Runtime: orNil(p.Guard.Runtime.Seconds()),
			HostCPUOthers: p.Guard.Others()},
		Stages: []stageView{}, Reports: []reportView{}, Reaches: []reachView{}, Bounds: boundsOf(p.Bounds()),
	}
	if x := p.Platform; x != nil {
		d.Platform = &platformView{Name: x.Name, Context: orNil(f.Text(x.Context)), Namespace: orNil(f.Text(x.Namespace)),
			NodeSelector: map[string]string{}, Tolerations: []string{}, PullSecret: orNil(f.Text(x.PullSecret)),
			AgentImage: orNil(f.Text(x.AgentImage))}
		for name, value := range x.NodeSelector {
			d.Platform.NodeSelector[name] = f.Text(value)
		}
		for _, taint := range x.Tolerations {
			d.Platform.Tolerations = append(d.Platform.Tolerations, f.Text(taint))
		}
	}
	for _, i := range p.Images {
		v := imageView{Address: i.Address, Source: i.Source, Name: i.Name, Pull: i.Pull, Push: i.Push}
		if x := i.Build; x != nil {
			v.Build = &buildView{Context: x.Context, Dockerfile: orNil(x.Dockerfile), Args: map[string]string{},
				Target: orNil(x.Target)}
			for name, value := range x.Args {
				v.Build.Args[name] = f.Text(value)
			}
		}
		d.Images = append(d.Images, v)
	}
	for _, n := range p.Networks {
		d.Networks = append(d.Networks, networkView{Address: n.Address, Name: n.Name, External: n.External})
	}
	for _, x := range p.Preflights {
		d.Preflights = append(d.Preflights, preflightView{
			Address: x.Address, Network: x.Network, URL: orNil(f.Text(x.URL)), TCP: orNil(x.TCP), Status: orNil(x.Status),
			Within: x.Within.Seconds(),
		})
	}
	for _, r := range p.Reports {
		d.Reports = append(d.Reports, reportView{Format: r.Format, Path: f.Text(r.Path)})
	}
	for _, r := range p.Reaches() {
		d.Reaches = append(d.Reaches, reachView{Does: r.Does, What: f.Text(r.What)})
	}
	for _, s := range p.Stages {
		d.Stages = append(d.Stages, stageOf(s, f))
	}
	return formats.WriteJSON(w, d)
}

type planDocument struct {
	Plan        journal.Plan    `json:"plan"`
	Description string          `json:"description"`
	Images      []imageView     `json:"images"`
	Networks    []networkView   `json:"networks"`
	Preflights  []preflightView `json:"preflights"`
	Services    []serviceView   `json:"services"`
	Guard       guardView       `json:"guard"`
	Platform    *platformView   `json:"platform,omitempty"` // nil: Docker
	Stages      []stageView     `json:"stages"`
	Reports     []reportView    `json:"reports"`
	Reaches     []reachView     `json:"reaches"` // what it uses beyond its folder
	Bounds      boundsView      `json:"bounds"`
}

type reportView struct {
	Format string `json:"format"`
	Path   string `json:"path"`
}

type reachView struct {
	Does string `json:"does"`
	What string `json:"what"`
}

type boundsView struct {
	Trials  int     `json:"trials"`
	Seconds float64 `json:"seconds"`
	Longest float64 `json:"longest_seconds,omitempty"`
}

func servicesOf(p *plans.Plan, f *journal.Filter) (views []serviceView) {
	for _, s := range p.Services {
		v := serviceView{
			Address: s.Address, Image: f.Text(s.Image), Environment: map[string]string{}, User: orNil(f.Text(s.User)),
			EnvFiles: []envFileView{},
			Volumes:  []volumeView{}, DependsOn: formats.List(s.DependsOn), Networks: formats.List(s.Networks),
			Aliases: formats.List(s.Aliases), ExtraHosts: map[string]string{}, Expose: formats.List(s.Expose),
			WorkingDir: orNil(f.Text(s.WorkingDir)), Tmpfs: []tmpfsView{}, ShmSize: orNil(int64(s.ShmSize)),
			Ulimits: []ulimitView{}, GPUs: orNil(s.GPUs), RestartHelpers: s.RestartHelpers,
			Ports: []portView{}, Restart: s.Restart, Limits: limitsViewOf(s.Limits),
			StartCPUs: orNil(s.StartCPUs.Float()),
			Ready: readyView{
				Health: s.Ready.Health, Ended: s.Ready.Ended, Path: orNil(s.Ready.Path), Status: orNil(s.Ready.Status),
				Port: orNil(s.Ready.Port), TCP: orNil(s.Ready.TCP),
				Log: orNil(s.Ready.Log), Count: orNil(s.Ready.Count), Timeout: orNil(s.Ready.Timeout.Seconds()),
				Within: s.Ready.Within.Seconds(),
			},
		}
		for _, word := range s.Command {
			v.Command = append(v.Command, f.Text(word))
		}
		for _, word := range s.Ready.Command {
			v.Ready.Command = append(v.Ready.Command, f.Text(word))
		}
		for _, word := range s.Entrypoint {
			v.Entrypoint = append(v.Entrypoint, f.Text(word))
		}
		for _, t := range s.Tmpfs {
			v.Tmpfs = append(v.Tmpfs, tmpfsView{Target: f.Text(t.Target), Options: f.Text(t.Options)})
		}
		for _, u := range s.Ulimits {
			v.Ulimits = append(v.Ulimits, ulimitView(u))
		}
		maps.Copy(v.Environment, s.Environment)
		maps.Copy(v.ExtraHosts, s.ExtraHosts)
		for name, value := range v.Environment {
			v.Environment[name] = f.Text(value)
		}
		for _, file := range s.EnvFiles {
			v.EnvFiles = append(v.EnvFiles,
				envFileView{Path: file.Path, Names: formats.List(slices.Sorted(maps.Keys(file.Values)))})
		}
		for _, volume := range s.Volumes {
			volume.Source, volume.Target = f.Text(volume.Source), f.Text(volume.Target)
			v.Volumes = append(v.Volumes, volumeView(volume))
		}
		for _, port := range s.Ports {
			v.Ports = append(v.Ports, portView{Address: port.Address, Host: orNil(port.Host), Container: port.Container})
		}
		views = append(views, v)
	}
	return views
}

func limitsViewOf(s plans.Settings) limitsView {
	view := limitsView{}
	for _, d := range plans.Dimensions() {
		view[d] = orNil(d.Number(s.Get(d)))
	}
	return view
}

func boundsOf(b plans.Bounds) boundsView {
	return boundsView{Trials: b.Trials, Seconds: b.Time.Seconds(), Longest: b.Longest.Seconds()}
}

// orNil returns a pointer to the value; nil for a zero value, which the plan does
// not set.
func orNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// requestView is a request of a scenario without body and headers, which may have
// secrets.
type requestView struct {
	Name      string  `json:"name"`
	Method    string  `json:"method"`
	Path      string  `json:"path"` // values of feeds as ${feed.name.column}
	Weight    float64 `json:"weight"`
	Timeout   float64 `json:"timeout"`
	Status    []int   `json:"status"`
	Redirects int     `json:"redirects"`  // that are followed
	RetryIdle bool    `json:"retry_idle"` // sent again where the server had closed an idle connection
	Checks    int     `json:"checks"`     // of its body
}

func requestsOf(requests []exchange.Request, f *journal.Filter) []requestView {
	views := []requestView{}
	for _, r := range requests {
		views = append(views, requestView{
			Name: r.Name, Method: r.Method, Path: f.Text(withPlaceholders(r.Path)), Weight: r.Weight,
			Timeout: r.Timeout.Seconds(), Status: formats.List(r.Status),
			Redirects: r.Redirects, RetryIdle: r.Replayable(), Checks: len(r.Checks),
		})
	}
	return views
}
