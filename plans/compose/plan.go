package compose

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"
)

// plan writes the whole plan. Variables stand first, though they are known
// last.
func (c *converter) plan() []byte {
	driver, driven := c.driver()
	sends := driver // the load of the stages that set the number of users
	if c.shape != "" {
		sends = nil
	}
	c.driven = sends != nil
	c.notes = append(c.notes, c.selection.added...)
	body := &page{}
	c.images(body, driven)
	c.networks(body)
	c.preflights(body)
	c.services(body)
	c.locustNotes(driven)
	c.notes = append(c.notes, c.selection.excluded...)
	if sends == nil {
		c.scenario(body)
	}
	if c.Options.Stages != nil {
		body.Write(c.Options.Stages(API{
			Label: c.labels[c.selection.api], Limited: limitsOf(c.project.Services[c.selection.api]).cpus > 0, Driver: sends,
		}))
		body.blank()
	} else {
		c.stages(body, sends, driver)
	}
	if requests := c.Options.Requests; requests != nil {
		body.Write(requests.Check(c.labels[c.selection.api]))
		body.blank()
	}
	var lines []string // on what is no service of the plan
	for _, n := range c.ordered() {
		if c.labels[n.Service] == "" {
			about := strings.TrimSpace(n.Service + " " + n.Word)
			lines = append(lines, strings.TrimPrefix(about+": "+n.Text, ": "))
		}
	}
	if len(lines) > 0 {
		body.comment("Further differences from the Compose file:")
	}
	for _, line := range lines {
		body.comment("- " + line)
	}

	p := &page{}
	p.comment(fmt.Sprintf("Written by `%s` from %s. "+
		"How little memory does %s need, and how many users does it sustain with that?",
		cmp.Or(c.Options.Command, "plan init"), c.files(), c.selection.api))
	p.line("")
	p.open("plan " + quote(identifier(c.project.Name)))
	p.line("language = 1")
	p.close()
	c.variables.write(p, c.besidePlan(c.project.written.file), c.origins())
	p.Write(body.Bytes())
	return hclwrite.Format(append(bytes.TrimRight(p.Bytes(), "\n"), '\n'))
}

// files are the names of the Compose files, without their folders.
func (c *converter) files() string {
	var names []string
	for _, file := range c.Options.Files {
		names = append(names, filepath.Base(file))
	}
	return strings.Join(names, " and ")
}

func (c *converter) services(p *page) {
	serviceWriter{c}.service(p, c.selection.api, "The service under test: every trial starts a new container.")
	for _, name := range c.selection.helpers {
		what := "Starts once, before the first stage that needs it, and keeps its state until the run ends."
		if slices.Contains(c.selection.jobNames, name) {
			what = "Runs once, before the first stage that needs it."
		}
		serviceWriter{c}.service(p, name, what)
	}
}

// scenario writes what users ask: as it was read elsewhere, or as far as a Compose file
// lets it be guessed.
func (c *converter) scenario(p *page) {
	if requests := c.Options.Requests; requests != nil {
		var text []byte
		text, c.values = requests.Scenario(c.keys)
		p.Write(text)
		p.blank()
		return
	}
	s := c.project.Services[c.selection.api]
	path := docs(s)
	if u, ok := health(imageCheck(s)); ok && !u.secret && c.project.foreignCheck(s) == 0 {
		path = u.path
	}
	p.comment("What each user repeats. A Compose file has no requests: replace these with those of your users.")
	p.open(`scenario "user"`)
	p.line("guessed = true # remove this line once the requests are those of your users")
	p.line(`think_time = between("1s", "3s")`)
	p.blank()
	p.open(`request "first"`)
	p.line("path = %s", quote(path))
	p.close()
	p.blank()
	for _, line := range []string{`request "predict" {`, `  path = "/predict"`,
		`  json = { inputs = [[5.1, 3.5, 1.4, 0.2]] }`, `}`} {
		p.line("# %s", line)
	}
	p.close()
}

// stages writes the search for the least memory, the ramp of the users and, where Locust
// sets its load itself, a check with that. The driver of the first two is sends, or
// scenario.user where it is nil.
func (c *converter) stages(p *page, sends, driver []string) {
	r := reachOf(limitsOf(c.project.Services[c.selection.api]), c.Options.HostMemory)
	service := "service = service." + c.labels[c.selection.api]
	p.comment("The least memory at which it starts and responds.")
	p.open(`search "memory"`)
	p.line("%s", service)
	p.block(`vary "memory"`)
	if r.why != "" {
		p.comment(r.why)
	}
	p.line("from = %s", quote(amount(r.from)))
	p.line("to = %s", quote(amount(r.to)))
	p.line("step = %s", quote(amount(r.step)))
	p.close()
	c.load(p, sends, "users = 10 # each has its own connection: a single one would reach only one worker",
		`spawn_rate = "10/s"`, `runtime = "30s"`)
	p.close()

	p.comment("The largest number of users that it sustains with the recommended memory.")
	p.open(`ramp "users"`)
	p.line("%s", service)
	p.line("users = [10, 50, 100, 250, 500, 1000]")
	p.block("set")
	p.line("memory = search.memory.recommended.memory")
	p.close()
	c.load(p, sends, `runtime = "60s"`)
	c.thresholds(p)
	p.close()

	if driver == nil {
		return
	}
	own := locustOf(c.project, *c.selection.locust).load()
	if own.users == "" && c.shape == "" {
		return
	}
	p.comment(fmt.Sprintf("The load that %s sets itself.", c.selection.locust.Name))
	p.open(`check "locust"`)
	p.line("%s", service)
	p.block("set")
	p.line("memory = search.memory.recommended.memory")
	p.close()
	c.load(p, driver, c.ownLoad(own)...)
	c.thresholds(p)
	p.close()
}

// ownLoad are the lines of the load that Locust sets itself; none where a LoadTestShape
// sets it.
func (c *converter) ownLoad(own locustLoad) []string {
	if c.shape != "" {
		return nil
	}
	lines := []string{"users = " + own.users}
	if own.spawnRate != "" {
		lines = append(lines, "spawn_rate = "+quote(own.spawnRate))
	}
	runtime, rise := quote(cmp.Or(own.runtime, "60s")), own.rise()
	// validate refuses a load that ends before its users have started, and warns up to twice that time.
	if lasts, err := time.ParseDuration(cmp.Or(own.runtime, "60s")); err == nil && lasts < 2*rise {
		enough := fmt.Sprintf("%ds", int(math.Ceil(2*rise.Seconds())))
		runtime = quote(enough) + " # twice as long as its users need to start"
		if own.runtime != "" {
			c.note(c.selection.locust.Name, "", fmt.Sprintf("check.locust lasts %s instead of %s: its %s users need %s to start",
				enough, own.runtime, own.users, rise.Round(time.Second)))
		}
	}
	return append(lines, "runtime = "+runtime)
}

// thresholds writes those of a ramp or a check, which no Compose file has.
func (c *converter) thresholds(p *page) {
	p.block("threshold")
	p.line(`p95 = "500ms"`)
	p.line(`error_rate = "1%%"`)
	p.close()
}

// load writes what puts load on the API.
func (c *converter) load(p *page, driver []string, lines ...string) {
	p.block("load")
	if driver == nil {
		p.line("scenario = scenario.user")
	}
	for _, line := range lines {
		p.line("%s", line)
	}
	if driver != nil {
		p.block(`driver "locust"`)
		for _, line := range driver {
			p.line("%s", line)
		}
		p.close()
	}
	p.close()
}
