package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"plan/cmd/plan/internal/draft"
	"plan/containers"
	"plan/containers/docker"
	"plan/internal/english"
	"plan/plans/compose"
	"plan/plans/request"
	"plan/quick"
)

// image sizes an image.
func (q *quickRun) image(name string) error {
	if err := q.keepEdited(quick.PlanFile(name)); err != nil {
		return err
	}
	engine, facts, err := q.engine()
	if err != nil {
		return err
	}
	defer engine.Close()
	pulls := func(text string) { q.say("image", "%s", text) }
	if _, err := engine.Images.Ensure(q.cmd.Context(), name, containers.PullMissing, pulls); err != nil {
		return err
	}
	q.say("image", "%s", name)
	port, err := q.portOf(engine, name)
	if err != nil {
		return err
	}
	q.say("port", "%d", port)
	plan := func(requests *request.Source) (*draft.Draft, error) {
		if requests == nil {
			requests = &request.Source{Requests: []request.Request{{Name: "root", Method: "GET", Path: "/"}}} // not known yet
		}
		sizing := quick.Sizing{Memory: facts.Memory, Ready: q.ready, Started: q.started, Thresholds: q.thresholds}
		return draft.Of(quick.ImagePlan(name, port, requests, sizing), requests), nil
	}
	return q.size(name, &compose.Draft{}, plan)
}

func isPort(n int) bool { return n >= 1 && n <= 65535 }

// portOf returns the port that an image serves on.
func (q *quickRun) portOf(engine *docker.Docker, name string) (int, error) {
	if q.port != 0 {
		return q.port, nil
	}
	settings, err := engine.Images.Settings(q.cmd.Context(), name)
	if err != nil {
		return 0, err
	}
	if port := compose.Image(settings).Port(); port != 0 {
		return port, nil
	}
	which := "exposes no port"
	if len(settings.Exposed) > 0 {
		which = "exposes the ports " + strings.Trim(fmt.Sprint(settings.Exposed), "[]")
	}
	unknown := fmt.Errorf("the image %s %s, and its command names none: name the one that the API serves on with --port",
		name, which)
	return q.askPort(fmt.Sprintf("The image %s. Which port does the API serve on?", which), unknown)
}

// compose sizes the API of a Compose file, or of the folder that has one.
func (q *quickRun) compose(path string) error {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if files = compose.Find(path); files == nil {
			return fmt.Errorf("there is no Compose file in %s: name the file, an image, or the URL of an API that runs; "+
				"for an image of this name, add the tag: %s:latest", path, filepath.Base(path))
		}
	}
	service, _ := q.cmd.Flags().GetString("service")
	variables, _ := q.cmd.Flags().GetString("env-file")
	options := compose.Options{
		Files: files, Environ: q.env.environ, EnvFile: variables, Service: service, Port: q.port, Ready: q.ready,
		Output:  "quick.hcl",
		Command: "plan quick",
	}
	made, err := compose.Convert(q.cmd.Context(), options) // what can be wrong with it needs no engine
	var several *compose.AmbiguousError
	if errors.As(err, &several) {
		if options.Service, err = q.ask(several.Question(), err); err == nil {
			made, err = compose.Convert(q.cmd.Context(), options)
		}
	}
	if err != nil {
		return err
	}
	engine, facts, err := q.engine()
	if err != nil {
		return err
	}
	defer engine.Close()
	if !made.PortKnown {
		if options.Port, err = q.composePort(engine, made); err != nil {
			return err
		}
		if made, err = compose.Convert(q.cmd.Context(), options); err != nil {
			return err
		}
	}
	options.HostMemory = facts.Memory
	options.Stages = func(api compose.API) []byte {
		return quick.Sizing{
			Service: api.Label, Limited: api.Limited, Memory: facts.Memory, Driver: api.Driver, Thresholds: q.thresholds,
		}.Stages()
	}
	if err := q.keepEdited(quick.PlanFile(made.API)); err != nil {
		return err
	}
	q.say("compose", "%s", strings.Join(files, " and "))
	q.say("service", "%s", made.API)
	q.say("port", "%d", made.Port)
	if helpers := made.Services[1:]; len(helpers) > 0 {
		q.say("needs", "%s", strings.Join(helpers, ", "))
	}
	for _, guess := range made.Guesses {
		q.say("a guess", "%s", guess)
	}
	if n := len(made.Notes); n > 0 {
		q.say("left out", "%s from the Compose file, listed in the plan", english.Count(n, "difference"))
	}
	plan := func(requests *request.Source) (*draft.Draft, error) {
		return draft.Convert(q.cmd.Context(), options, requests)
	}
	return q.size(made.API, made, plan)
}

// composePort returns the port of the API of a Compose file that names none: that of its image, where the engine has
// the image, else as a person says.
func (q *quickRun) composePort(engine *docker.Docker, made *compose.Draft) (int, error) {
	if made.Image != "" {
		if settings, err := engine.Images.Settings(q.cmd.Context(), made.Image); err == nil {
			if port := compose.Image(settings).Port(); port != 0 {
				return port, nil
			}
		}
	}
	const which = "does not say which port the API serves on"
	files := strings.Join(made.Files, " and ")
	unknown := fmt.Errorf("%s %s: name it with --port", files, which)
	return q.askPort(fmt.Sprintf("%s %s. Which one?", files, which), unknown)
}

// askPort asks a person for the port that the API serves on.
func (q *quickRun) askPort(question string, otherwise error) (int, error) {
	text, err := q.ask(question, otherwise)
	if err != nil {
		return 0, err
	}
	port, err := strconv.Atoi(text)
	if err != nil || !isPort(port) {
		return 0, fmt.Errorf("%q is not a port: write one from 1 to 65535", text)
	}
	return port, nil
}

// engine returns the engine, and the facts of its machine.
func (q *quickRun) engine() (*docker.Docker, docker.Facts, error) {
	engine, err := docker.New(q.cmd.Context(), docker.Options{})
	if err != nil {
		return nil, docker.Facts{}, err
	}
	facts, err := engine.Facts(q.cmd.Context())
	if err != nil {
		return nil, docker.Facts{}, errors.Join(err, engine.Close())
	}
	return engine, facts, nil
}
