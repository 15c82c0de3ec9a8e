package report

import (
	"io"
	"maps"

	"plan/internal/exchange"
	"plan/plans"
	"plan/runner/journal"
)

// ShowJSON writes a plan as it would run. Bytes, seconds and CPUs are plain
// numbers; what is known only when it runs is null and listed in `unknown`.
// Secrets are replaced by stars.
func ShowJSON(w io.Writer, p *plans.Plan) error {
	f := journal.NewFilter(p.Secrets)
	d := planDocument{
		Plan: journal.Plan{Name: p.Name, File: p.File, SHA256: p.SHA256}, Description: f.Text(p.Description),
		Images: list(imagesOf(p)), Networks: list(networksOf(p)), Preflights: list(preflightsOf(p, f)), Services: list(servicesOf(p, f)),
		Guard:  guardView{HostMemoryFree: given(int64(p.Guard.HostMemoryFree)), Runtime: given(p.Guard.Runtime.Seconds()), HostCPUOthers: p.Guard.Others()},
		Stages: []stageView{}, Bounds: boundsOf(p.Bounds()),
	}
	for _, s := range p.Stages {
		d.Stages = append(d.Stages, stageOf(s, f))
	}
	return writeJSON(w, d)
}

type planDocument struct {
	Plan        journal.Plan    `json:"plan"`
	Description string          `json:"description"`
	Images      []imageView     `json:"images"`
	Networks    []networkView   `json:"networks"`
	Preflights  []preflightView `json:"preflights"`
	Services    []serviceView   `json:"services"`
	Guard       guardView       `json:"guard"`
	Stages      []stageView     `json:"stages"`
	Bounds      boundsView      `json:"bounds"`
}

type boundsView struct {
	Trials  int     `json:"trials"`
	Seconds float64 `json:"seconds"`
}

func imagesOf(p *plans.Plan) (views []imageView) {
	for _, i := range p.Images {
		views = append(views, imageView{Address: i.Address, Source: i.Source, Name: i.Name, Pull: i.Pull, Push: i.Push})
	}
	return views
}

func networksOf(p *plans.Plan) (views []networkView) {
	for _, n := range p.Networks {
		views = append(views, networkView{Address: n.Address, Name: n.Name, External: n.External})
	}
	return views
}

func preflightsOf(p *plans.Plan, f *journal.Filter) (views []preflightView) {
	for _, x := range p.Preflights {
		views = append(views, preflightView{
			Address: x.Address, Network: x.Network, URL: given(f.Text(x.URL)), TCP: given(x.TCP), Status: given(x.Status), Within: x.Within.Seconds(),
		})
	}
	return views
}

func servicesOf(p *plans.Plan, f *journal.Filter) (views []serviceView) {
	for _, s := range p.Services {
		v := serviceView{
			Address: s.Address, Image: f.Text(s.Image), Environment: map[string]string{}, User: given(f.Text(s.User)), Volumes: []volumeView{}, DependsOn: list(s.DependsOn), Networks: list(s.Networks), Aliases: list(s.Aliases), ExtraHosts: map[string]string{}, Expose: list(s.Expose),
			WorkingDir: given(f.Text(s.WorkingDir)), Tmpfs: []tmpfsView{}, ShmSize: given(int64(s.ShmSize)), Ulimits: []ulimitView{}, GPUs: given(s.GPUs),
			Ports: []portView{}, Restart: s.Restart, Limits: limitsViewOf(s.Limits),
			Ready: readyView{
				Health: s.Ready.Health, Ended: s.Ready.Ended, Path: given(s.Ready.Path), Status: given(s.Ready.Status), Port: given(s.Ready.Port), TCP: given(s.Ready.TCP),
				Log: given(s.Ready.Log), Count: given(s.Ready.Count), Timeout: given(s.Ready.Timeout.Seconds()), Within: s.Ready.Within.Seconds(),
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
		for _, volume := range s.Volumes {
			volume.Source, volume.Target = f.Text(volume.Source), f.Text(volume.Target)
			v.Volumes = append(v.Volumes, volumeView(volume))
		}
		for _, port := range s.Ports {
			v.Ports = append(v.Ports, portView{Address: port.Address, Host: given(port.Host), Container: port.Container})
		}
		views = append(views, v)
	}
	return views
}

func limitsViewOf(s plans.Settings) limitsView {
	view := limitsView{}
	for _, d := range plans.Dimensions() {
		view[d] = given(d.Number(s.Get(d)))
	}
	return view
}

func boundsOf(b plans.Bounds) boundsView {
	return boundsView{Trials: b.Trials, Seconds: b.Time.Seconds()}
}

// given is nil for a value that the plan does not give.
func given[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// requestView is a request of a scenario; its body and headers may hold what
// nobody needs to see.
type requestView struct {
	Name      string  `json:"name"`
	Method    string  `json:"method"`
	Path      string  `json:"path"` // values of feeds as ${feed.name.column}
	Weight    float64 `json:"weight"`
	Timeout   float64 `json:"timeout"`
	Status    []int   `json:"status"`
	Redirects int     `json:"redirects"`  // that are followed
	RetryIdle bool    `json:"retry_idle"` // sent once more where a kept connection had been closed
	Checks    int     `json:"checks"`     // of its body
}

func requestsOf(requests []exchange.Request, f *journal.Filter) []requestView {
	views := []requestView{}
	for _, r := range requests {
		views = append(views, requestView{
			Name: r.Name, Method: r.Method, Path: f.Text(withHoles(r.Path)), Weight: r.Weight, Timeout: r.Timeout.Seconds(), Status: list(r.Status),
			Redirects: r.Redirects, RetryIdle: r.Replayable(), Checks: len(r.Checks),
		})
	}
	return views
}
