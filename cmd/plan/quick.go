package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"plan/cmd/plan/internal/draft"
	"plan/cmd/plan/internal/outputs"
	"plan/cmd/plan/internal/reach"
	"plan/internal/atomicfile"
	"plan/internal/english"
	"plan/internal/tty"
	"plan/plans"
	"plan/plans/compose"
	"plan/plans/request"
	"plan/quick"
	"plan/report/show"
	"plan/runner"
	"plan/runner/journal"
)

func quickCommand(env environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "quick [TARGET]", Short: "Size an API in one command, without a plan", Args: usage(cobra.MaximumNArgs(1)),
		Long: `quick finds the least memory at which an API starts and responds, and how many users
it sustains with that memory. It prints about ten lines.

TARGET is a Compose file or a folder with one, the address of an API that runs
(http://HOST:PORT, or HOST:PORT), or an image. Without TARGET it is the Compose
file of this folder.

quick starts the API and its helpers once, to find its requests: those of an OpenAPI
document, KServe or MLflow. If a value is missing, quick asks for it on a terminal;
elsewhere it ends with exit code 2 and names the option. It writes the plan that it
runs to quick-NAME.hcl. For an address it measures only the users.

The loads are short, so the answer is not a proof. For a proof, edit the plan and
run it with plan run.
The exit codes are those of plan run.`,
		Example: "  plan quick\n  plan quick fast-api:latest --port 8000\n" +
			"  plan quick compose.yaml --service api --threshold p95=200ms\n" +
			"  plan quick localhost:8000 --path /predict --json '{\"inputs\": [[5.1]]}'",
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := newQuick(cmd, env)
			if err != nil {
				return err
			}
			target := strings.Join(args, "")
			if target == "" && len(compose.Find(".")) > 0 {
				target = "."
			}
			kind, err := quick.Detect(target, quick.World{
				Exists:   func(path string) bool { _, err := os.Stat(path); return err == nil },
				Accepts:  reach.Accepts,
				Registry: func(address string) bool { return reach.Registry(cmd.Context(), address) },
			})
			if err == nil {
				err = refuseOptions(cmd, kind)
			}
			switch {
			case err != nil:
				return err
			case kind == quick.Compose:
				return q.compose(target)
			case kind == quick.Address:
				return q.address(target)
			}
			return q.image(target)
		},
	}
	f := cmd.Flags()
	f.String("service", "", "`NAME` of the API in the Compose file")
	f.String("env-file", "", "`FILE` of variables of the Compose file, instead of .env beside it")
	f.Int("port", 0, "`PORT` that the API serves on")
	f.String("ready", "", "`PATH` that the API answers once it is ready, in place of its health check")
	f.String("path", "", "`PATH` that users request, such as /predict")
	f.String("json", "", "`BODY` of the request, or @FILE")
	f.String("curl", "", "the request as a curl `COMMAND`, instead of --path and --json")
	f.StringArray("threshold", nil, "threshold `METRIC=LIMIT` of the ramp (default p95=500ms and error_rate=1%); may be "+
		"repeated")
	f.Bool("markdown", false, "print the answer as Markdown")
	f.Bool("force", false, "overwrite a plan file that has been edited")
	f.String("yes-load", "", "confirm that you may send a load to `HOST`; required if it is neither loopback nor private")
	f.Bool("wait", false, "begin when no other run uses the engine")
	progressFlag(cmd)
	outputs.AddFlag(cmd, outputs.Formats())
	return cmd
}

// quickRun is one use of plan quick.
type quickRun struct {
	cmd        *cobra.Command
	env        environment
	reports    []outputs.File[journal.Run]
	port       int    // 0: not named
	ready      string // path; "" leaves the health check
	prediction quick.Prediction
	thresholds []quick.Threshold
	started    time.Duration // until the API was ready when it was probed; 0: it was not
}

// newQuick reads the flags.
func newQuick(cmd *cobra.Command, env environment) (*quickRun, error) {
	q := &quickRun{cmd: cmd, env: env}
	if q.ready, _ = cmd.Flags().GetString("ready"); q.ready != "" && !strings.HasPrefix(q.ready, "/") {
		return nil, fmt.Errorf("--ready %q is not a path: write --ready /%[1]s", q.ready)
	}
	if q.port, _ = cmd.Flags().GetInt("port"); cmd.Flags().Changed("port") && !isPort(q.port) {
		return nil, fmt.Errorf("--port %d is not a port: write one from 1 to 65535", q.port)
	}
	q.prediction.Path, _ = cmd.Flags().GetString("path")
	q.prediction.JSON, _ = cmd.Flags().GetString("json")
	q.prediction.Curl, _ = cmd.Flags().GetString("curl")
	texts, _ := cmd.Flags().GetStringArray("threshold")
	var err error
	if q.thresholds, err = quick.Thresholds(texts); err != nil {
		return nil, err
	}
	q.prediction.Timeout = quick.Timeout(q.thresholds)
	if q.prediction.JSON, err = bodyOf(q.prediction.JSON); err != nil {
		return nil, err
	}
	if _, err := q.prediction.Requests(nil); err != nil {
		return nil, err
	}
	if _, err := progressOptions(cmd, env); err != nil {
		return nil, err
	}
	q.reports, err = outputs.Asked(cmd, outputs.Formats())
	return q, err
}

// bodyOf returns a body that a person gives, or that of a file: @FILE.
func bodyOf(text string) (string, error) {
	file, is := strings.CutPrefix(text, "@")
	if !is {
		return text, nil
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("--json: %w", err)
	}
	return string(body), nil
}

// say prints what was found, one line each.
func (q *quickRun) say(label, format string, args ...any) {
	fmt.Fprintf(q.env.stderr, "%-9s %s\n", label, tty.Clean(fmt.Sprintf(format, args...)))
}

// ask asks a person at a terminal, and returns the error elsewhere, which names the
// option that answers.
func (q *quickRun) ask(question string, otherwise error) (string, error) {
	in, is := q.env.stdin.(*os.File)
	if !is || !term.IsTerminal(int(in.Fd())) {
		return "", otherwise
	}
	fmt.Fprintf(q.env.stderr, "%s ", question)
	text, err := bufio.NewReader(in).ReadString('\n')
	if text = strings.TrimSpace(text); text == "" || err != nil {
		return "", otherwise
	}
	return text, nil
}

// size finds out what users request, writes the plan to a file, and runs it. made is
// what a Compose file has, or empty.
func (q *quickRun) size(name string, made *compose.Draft, plan func(*request.Source) (*draft.Draft, error)) error {
	file := quick.PlanFile(name)
	first, err := plan(nil)
	if err != nil {
		return err
	}
	var loaded *plans.Plan
	if made.Builds || !q.prediction.Complete() {
		if loaded, err = draftPlan(q.cmd, q.env, first, file); err != nil {
			return err
		}
	}
	if made.Builds {
		if err := buildImages(q.cmd.Context(), q.env, loaded); err != nil {
			return err
		}
	}
	requests, err := q.requests(made.Driven, func() (*request.Source, error, error) {
		p, err := startAndProbe(q.cmd, q.env, loaded)
		if err == nil || errors.Is(err, exit(runner.ExitInterrupted)) {
			q.started = p.ready
			return p.requests, p.unknown, err
		}
		if written := q.write(file, first.Text); written != nil {
			return nil, nil, errors.Join(err, written)
		}
		fmt.Fprintf(q.env.stderr, "plan: the probe failed. %s has what is known: correct it, name the requests, and run "+
			"it with plan run %[1]s\n", file)
		return nil, nil, err
	})
	if err != nil {
		return err
	}
	if requests != nil {
		q.say("request", "%s", quick.Line(requests))
	} else {
		q.say("request", "those of the locustfile")
	}
	last, err := plan(requests)
	if err != nil {
		return err
	}
	if err := q.write(file, last.Text); err != nil {
		return err
	}
	if requests != nil {
		for name, value := range requests.Secrets() { // the file does not have them
			q.env.environ = append(slices.Clip(q.env.environ), "PLAN_VAR_"+name+"="+value)
		}
	}
	if missing := last.Missing(q.env.environ); len(missing) > 0 {
		return fmt.Errorf("the request needs values that nothing gives: set %s in the environment, or name the whole request with "+
			"--curl; %s says what they are", english.And(missing), file)
	}
	loaded, diags, _ := loadPlan(q.cmd, q.env, file, false) // quick has no flags of a platform
	// Warnings, such as that the requests are a guess, are said above.
	if diags.HasErrors() {
		return refuse(q.cmd, q.env, diags, runner.ExitUsage)
	}
	q.say("readiness", "%s", show.Readiness(loaded.Stages[0].Service.Ready))
	markdown, _ := q.cmd.Flags().GetBool("markdown")
	return runAndReport(q.cmd, q.env, loaded, nil, q.reports, func(w io.Writer, run journal.Run, _ tty.Options) error {
		answer := quick.Of(name, file, run)
		if markdown {
			return answer.Markdown(w)
		}
		return answer.Print(w)
	})
}

// requests returns what users request: by the options, else as the API says when it is
// probed, else as a person says. It is nil where only the locustfile of a plan that is
// driven by Locust says it.
func (q *quickRun) requests(
	driven bool, probe func() (found *request.Source, unknown, err error),
) (*request.Source, error) {
	if q.prediction.Complete() {
		return q.prediction.Requests(nil)
	}
	found, unknown, err := probe()
	if err != nil {
		return nil, err
	}
	asked := q.prediction.JSON != ""
	said := "" // of the request that was found
	if found != nil {
		r := found.Requests[0]
		said = fmt.Sprintf("%s %s, from %s", r.Method, r.PathText(), found.From)
	}
	switch {
	case found == nil:
	case !asked && !replaces(found, driven):
		return nil, nil
	case found.Status == http.StatusUnauthorized || found.Status == http.StatusForbidden:
		return nil, fmt.Errorf("the API requires a key: name the request with it, "+
			"--curl \"-H 'NAME: KEY' http://api%s ...\" (%s, got %s)", found.Requests[0].PathText(), said, found.Refused)
	case found.Status == http.StatusNotFound || found.Status == http.StatusMethodNotAllowed:
		unknown, found = fmt.Errorf("%s, got %s", said, found.Refused), nil
	case !asked && found.Refused != "":
		refused := said + ", got " + found.Refused
		if found.Logged != "" {
			refused += "; its log: " + found.Logged
		}
		q.prediction.JSON, err = q.ask(refused+". Which JSON body do users send?",
			fmt.Errorf("the body of the request is not known: name it with --json, or the request with --curl (%s)", refused))
		if err != nil {
			return nil, err
		}
	case asked && found.Requests[0].Body == nil && !found.Undescribed:
		unknown, found = fmt.Errorf("%s, has no body", said), nil
	}
	if found == nil {
		why := fmt.Errorf("the request is not known: name it with --path and --json, or --curl (%w)", unknown)
		q.say("request", "%v", unknown)
		q.prediction.Path, err = q.ask("Which path do users request, such as /predict?", why)
		switch {
		case err != nil && driven && q.prediction.JSON != "":
			return nil, fmt.Errorf("--json has no effect on the requests of the locustfile: name the path of the body "+
				"with --path, or leave --json out (%w)", unknown)
		case err != nil && driven:
			return nil, nil
		case err != nil:
			return nil, err
		}
		if q.prediction.JSON == "" {
			q.prediction.JSON, _ = q.ask("With which JSON body? Empty for none:", why)
		}
	}
	if q.prediction.JSON, err = bodyOf(q.prediction.JSON); err != nil {
		return nil, err
	}
	return q.prediction.Requests(found)
}

// keepEdited returns an error where writing the plan would overwrite what a person has
// written.
func (q *quickRun) keepEdited(file string) error {
	force, _ := q.cmd.Flags().GetBool("force")
	there, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist) || err == nil && (force || quick.Signed(there)):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%s already exists, and plan quick did not write all of it: run it with plan run %[1]s, or "+
		"overwrite it with --force", file)
}

// write writes the plan. What a person has written since the beginning, such as during a
// build, stays.
func (q *quickRun) write(file string, text []byte) error {
	if err := q.keepEdited(file); err != nil {
		return err
	}
	text = quick.Sign(text)
	q.say("plan", "%s", file)
	return atomicfile.Write(filepath.Clean(file), func(w io.Writer) error { _, err := w.Write(text); return err })
}
