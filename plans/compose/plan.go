package compose

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
)

// plan writes the whole plan. Variables stand first, though they are known
// last.
func (c *converter) plan() []byte {
	driver, driven := c.driver()
	c.notes = append(c.notes, c.selection.added...)
	body := &page{}
	c.images(body, driven)
	c.networks(body)
	c.preflights(body)
	c.services(body)
	c.locustNotes(driven)
	c.notes = append(c.notes, c.selection.excluded...)
	if !driven {
		c.scenario(body)
	}
	c.stages(body, driver)
	var lines []string // on what is no service of the plan
	for _, n := range c.ordered() {
		if c.labels[n.Service] == "" {
			lines = append(lines, strings.TrimSpace(strings.Join([]string{n.Service, n.Word}, " "))+": "+n.Text)
		}
	}
	if len(lines) > 0 {
		body.comment("Of the Compose file, besides what stands above, this did not come over as it is:")
	}
	for _, line := range lines {
		body.comment("- " + line)
	}

	p := &page{}
	p.comment(fmt.Sprintf("Made of %s by `plan init`. How little does %s run on, and how many users does it then hold?",
		c.files(), c.selection.api))
	p.line("")
	p.open("plan " + quote(identifier(c.project.Name)))
	p.line("language = 1")
	p.close()
	c.variables.write(p)
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
	serviceWriter{c}.service(p, c.selection.api, "What is tested: every trial starts it anew.")
	for _, name := range c.selection.helpers {
		what := "Started once, before the first stage that needs it, and kept until the run ends."
		if slices.Contains(c.selection.jobNames, name) {
			what = "Run once, before the first stage that needs it."
		}
		serviceWriter{c}.service(p, name, what)
	}
}

// scenario writes what users ask, as far as a Compose file lets it be guessed.
func (c *converter) scenario(p *page) {
	s := c.project.Services[c.selection.api]
	path := docs(s)
	if u, ok := health(s); ok && !u.secret {
		path = u.path
	}
	p.comment("What a user does, over and over. A Compose file does not tell: put in what your users ask.")
	p.open(`scenario "user"`)
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

// stages writes the search for the least memory and the ramp of the users.
func (c *converter) stages(p *page, driver []string) {
	r := reachOf(limitsOf(c.project.Services[c.selection.api]), c.Options.HostMemory)
	service := "service = service." + c.labels[c.selection.api]
	p.comment("The least memory at which it starts and answers.")
	p.open(`search "memory"`)
	p.line("%s", service)
	p.block(`vary "memory"`)
	if r.why != "" {
		p.comment(r.why)
	}
	p.line("from = %s", quote(r.from.Exact()))
	p.line("to = %s", quote(r.to.Exact()))
	p.line("step = %s", quote(r.step.Exact()))
	p.close()
	c.load(p, driver, "users = 10 # each has a connection of its own: one alone would reach one worker",
		`spawn_rate = "10/s"`, `runtime = "30s"`)
	p.close()

	p.comment("The most users that it then holds.")
	p.open(`ramp "users"`)
	p.line("%s", service)
	p.line("users = [10, 50, 100, 250, 500, 1000]")
	p.block("set")
	p.line("memory = search.memory.recommended.memory")
	p.close()
	c.load(p, driver, `runtime = "60s"`)
	p.block("threshold")
	p.line(`p95 = "500ms"`)
	p.line(`error_rate = "1%%"`)
	p.close()
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
