// Package compose turns a Compose file into the text of a plan, and says what
// it left out and why.
//
// It reads the file as Compose does, with its variables, `.env`, `include` and
// `extends`. It knows the plan language only as text: it neither reads plans
// nor asks an engine, and it writes no file. What looks like a secret is never
// in the text; a variable without a value takes its place.
package compose

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/units"
)

// Options say what is turned into a plan, and for whom.
type Options struct {
	Files      []string         // Compose files, the later over the earlier, as by `docker compose -f`; or a Dockerfile
	Environ    []string         // "NAME=value", for the variables in the files
	EnvFile    string           // of further variables; "" is .env beside the first file, if it exists
	Service    string           // the service to search and ramp; "" finds it
	Port       int              // that it serves on; 0 finds it
	Ready      string           // path that it answers once it is ready, in place of its health check; "" leaves that
	Output     string           // the file that the plan will be in; paths in it are relative to that file's folder
	HostMemory units.Bytes      // of this machine; 0: not known
	Requests   *Requests        // nil: a guess, or those of Locust
	Command    string           // that writes the plan, for people; "" is plan init
	Stages     func(API) []byte // text of the stages; nil: a search and a ramp to start from
}

// API is what stages that are written elsewhere depend on.
type API struct {
	Label   string   // name of its block
	Limited bool     // it has a limit of CPU
	Driver  []string // lines of the driver block that sends the load; nil: scenario.user does
}

// Requests are text of a plan with the requests of users, which were read elsewhere.
type Requests struct {
	From string // for people
	// Scenario writes scenario.user with its variables, and returns those that must be given a value. keys are secrets
	// of the API: variables of the plan, by their names in its environment.
	Scenario func(keys map[string]string) (text []byte, values []string)
	Check    func(service string) []byte
}

// Draft is a plan made of a Compose file.
type Draft struct {
	Text     []byte
	Files    []string // Compose files that it was made of
	API      string   // service that is searched and ramped, as the Compose file calls it
	Services []string // services that came over, the API first, as the Compose file calls them
	Notes    []Note
	Values   []string // variables of the plan that must be given a value
	Builds   bool     // it has images that plan run --build builds
	Driven   bool     // its load is that of Locust

	Port      int      // of the API
	PortKnown bool     // the port is no guess
	Image     string   // that the API runs; "": it is built
	Guesses   []string // of what the files do not say
}

// Note says what did not come over as it stands, and why.
type Note struct {
	Service string // "" is the file as a whole
	Word    string // the attribute; "" is the service as a whole
	Text    string
}

// Find returns the Compose file of a folder, and what overrides it, as Compose
// finds them; nothing where there is none.
func Find(folder string) []string {
	file := firstIn(folder, cli.DefaultFileNames)
	if file == "" {
		return nil
	}
	if over := firstIn(folder, cli.DefaultOverrideFileNames); over != "" {
		return []string{file, over}
	}
	return []string{file}
}

func firstIn(folder string, names []string) string {
	for _, name := range names {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

// Convert makes a plan of Compose files.
func Convert(ctx context.Context, o Options) (*Draft, error) {
	s, err := readAll(ctx, o)
	if err != nil {
		return nil, lacking(ctx, o, err)
	}
	beside, offered := s.findAPIFile(ctx, o)
	s.offered = offered
	if beside != nil {
		s, o.Files = beside.project, beside.files
	}
	var asking string
	asking, s.beside = generatorsBeside(ctx, s, o)
	api, err := chooser{s}.choose(o.Service)
	if err != nil {
		return nil, err
	}
	inactive := s.DisabledServices[api].Profiles // of the API; Compose activates them with the service
	if len(inactive) > 0 {
		if s, err = s.withProfiles(append(slices.Clone(s.Profiles), inactive...)); err != nil {
			return nil, s.written.readError(err)
		}
	}
	c := &converter{Options: o, project: s, selection: s.selectServices(api),
		variables: &variables{written: s.written, known: map[string]*variable{}},
		hostPorts: map[int]string{}, keys: map[string]string{}}
	c.labels = labels(append([]string{api}, c.selection.helpers...))
	c.texts = textsOf(c)
	c.noteAssumptions(beside)
	if s.above != "" {
		c.note("", "",
			fmt.Sprintf("its paths are relative to %s, as with docker compose --project-directory: what it builds is there",
				c.fromPlan(s.above)))
	}
	if s.written.alone {
		c.note("", "", "parts that the Compose files include or extend have the current values of their variables: such "+
			"files can only be read with their variables filled in")
	}
	if len(inactive) > 0 {
		c.note(api, "profiles", fmt.Sprintf("%s: the plan has the services of this profile, as `docker compose up %s` does",
			strings.Join(inactive, ", "), api))
	}
	if slices.ContainsFunc(s.beside, func(a loadTarget) bool { return a.service == api }) {
		c.note("", "", fmt.Sprintf("%s asks %s: to load it with that, name both files: plan init --from %s --from %s",
			asking, api, strings.Join(o.Files, " --from "), asking))
	}
	text := c.plan()
	// A variable that the files demand must not be left in the plan.
	if bytes.Contains(text, []byte(placeholder)) {
		return nil, fmt.Errorf("%s requires variables: %s: %s", s.written.names, s.written.setVariables(),
			s.written.requiredVariables())
	}
	if names := c.variables.unset(); len(names) > 0 {
		c.note("", "",
			fmt.Sprintf("%s: not set, in the environment or in %s. What is not set there when the plan runs is empty, as in Compose",
				strings.Join(names, ", "), c.besidePlan(s.written.file)))
	}
	var guesses []string
	if guess := c.selection.guess; guess != "" {
		guesses = append(guesses, guess)
	}
	w, x, image := serviceWriter{c}, s.Services[api], ""
	if x.Build == nil {
		image = x.Image
	}
	values := append(c.variables.needed(), c.values...)
	return &Draft{
		Text: text, Files: o.Files, API: api, Services: append([]string{api}, c.selection.helpers...),
		Notes: c.ordered(), Values: values, Builds: c.built, Driven: c.driven,
		Port: w.ports(x)[0], PortKnown: len(w.knownPorts(x)) > 0, Image: image, Guesses: guesses,
	}, nil
}

// withProfiles is the project with the services of these profiles too.
func (s *project) withProfiles(profiles []string) (*project, error) {
	more := *s
	var err error
	if more.Project, err = s.WithProfiles(profiles); err == nil {
		err = more.resolveEnvironments()
	}
	return &more, err
}

// converter writes the plan of one project.
type converter struct {
	Options   Options
	project   *project
	selection *selection
	variables *variables
	texts     *textWriter
	labels    map[string]string // names of blocks, by names of services
	hostPorts map[int]string    // the services that publish them
	built     bool              // an image has a build
	driven    bool              // Locust sends the load
	shape     string            // the class of its locustfile that sets the number of users; "" for none
	keys      map[string]string // secrets of the API: variables of the plan, by their names in its environment
	values    []string          // variables of the requests that must be given a value
	notes     []Note
}

func (c *converter) note(service, word, text string) {
	n := Note{Service: service, Word: word, Text: text}
	if !slices.Contains(c.notes, n) {
		c.notes = append(c.notes, n)
	}
}

// all are the services that come over, the API first.
func (c *converter) all() []types.ServiceConfig {
	list := []types.ServiceConfig{c.project.Services[c.selection.api]}
	for _, name := range c.selection.helpers {
		list = append(list, c.project.Services[name])
	}
	return list
}

// ordered are the notes by service, as the plan has them; what is left behind
// and the file as a whole come last. What is about a service as a whole stands
// before its words.
func (c *converter) ordered() []Note {
	order := append([]string{c.selection.api}, c.selection.helpers...)
	if c.selection.locust != nil {
		order = append(order, c.selection.locust.Name)
	}
	rank := func(n Note) int {
		at := slices.Index(order, n.Service)
		if at < 0 {
			at = len(order)
		}
		return 2*at + min(1, len(n.Word))
	}
	return slices.SortedStableFunc(slices.Values(c.notes), func(a, b Note) int { return rank(a) - rank(b) })
}

// besidePlan is a path as the plan names files of its folder and others: ./.env.
func (c *converter) besidePlan(path string) string {
	relative := c.fromPlan(path)
	if !strings.HasPrefix(relative, "../") && !filepath.IsAbs(relative) {
		relative = "./" + relative
	}
	return relative
}

// fromPlan is a path as the plan's file names it.
func (c *converter) fromPlan(path string) string {
	folder, err := filepath.Abs(filepath.Dir(c.Options.Output))
	if err != nil {
		return path
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if relative, err := filepath.Rel(folder, path); err == nil {
		return filepath.ToSlash(relative)
	}
	return path
}
