package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/interrupt"
	"plan/cmd/plan/internal/oneof"
	"plan/cmd/plan/internal/outputs"
	"plan/cmd/plan/internal/platform"
	"plan/cmd/plan/internal/runs"
	"plan/cmd/plan/internal/session"
	"plan/internal/english"
	"plan/internal/tty"
	"plan/plans"
	"plan/plans/diag"
	"plan/report"
	"plan/report/formats"
	"plan/report/live"
	"plan/runner"
	"plan/runner/journal"
)

func runCommand(env environment) *cobra.Command {
	var exits []string
	for _, e := range runner.Exits() {
		exits = append(exits, fmt.Sprintf("  %3d  %s", e.Code, e.Meaning))
	}
	cmd := &cobra.Command{
		Use: "run FILE", Short: "Run a plan", Args: usage(cobra.ExactArgs(1)),
		Long: `run runs a plan on the Docker engine that the docker command uses, or with
--platform kubernetes in a namespace of a cluster. It prints a table for each
stage, each answer with its proof, and a summary.

The first Ctrl-C stops the load, removes what the run made, and prints the
results so far. The second one stops at once and lists what is left.

--resume continues a run that was killed or interrupted, or whose engine no longer
responded. It takes finished trials from the journal, and gives the same answer as
a run without interruption. Set the same variables again. If the plan or a variable
has changed, the exit code is 2; if an image, the engine, the host or the version of
plan has changed, it is 3.

Two runs on one engine disturb each other: the second one prints a warning that
names the first. With --wait it starts when no other run uses the engine.

Exit codes:
` + strings.Join(exits, "\n"),
		RunE: func(cmd *cobra.Command, args []string) error {
			reports, err := outputs.Asked(cmd, outputs.Formats())
			if err != nil {
				return err
			}
			if _, err := progressOptions(cmd, env); err != nil {
				return err
			}
			plan, err := usablePlan(cmd, env, args[0])
			if err != nil {
				return err
			}
			planned, err := outputs.Planned(plan)
			if err != nil {
				return err
			}
			if build, _ := cmd.Flags().GetBool("build"); build {
				if plan.Platform != nil {
					return errors.New("--build works only with Docker")
				}
				if err := buildImages(cmd.Context(), env, plan); err != nil {
					return err
				}
			}
			var earlier *runs.Earlier
			if asked, _ := cmd.Flags().GetString("resume"); asked != "" {
				if earlier, err = runs.Find(asked, plan); err != nil {
					return err
				}
			}
			return runAndReport(cmd, env, plan, earlier, slices.Concat(planned, reports), report.Tables)
		},
	}
	variableFlags(cmd)
	platform.AddFlags(cmd)
	cmd.Flags().String("resume", "",
		"continue `RUN` of this file, which was killed, was interrupted or lost its engine; without RUN the newest")
	cmd.Flags().Lookup("resume").NoOptDefVal = runs.Newest
	offered := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return runs.IDs(), cobra.ShellCompDirectiveNoFileComp
	}
	_ = cmd.RegisterFlagCompletionFunc("resume", offered) // the flag is there
	cmd.Flags().Bool("wait", false, "begin when no other run uses the engine")
	cmd.Flags().Bool("build", false, "first build the images that have a build block")
	progressFlag(cmd)
	jsonFlag(cmd)
	outputs.AddFlag(cmd, outputs.Formats())
	return cmd
}

// progressWords are the values of --progress.
var progressWords = []string{"auto", "plain", "live", "none"}

func progressFlag(cmd *cobra.Command) {
	cmd.Flags().String("progress", "auto", "progress: "+english.Or(progressWords)+
		" (live on a terminal, else plain; none prints only notes and warnings); on the standard error")
	oneof.Complete(cmd, "progress", progressWords...)
}

// progressOptions returns how progress is printed on the standard error.
func progressOptions(cmd *cobra.Command, env environment) (live.Options, error) {
	i, err := oneof.Index(cmd, "progress", progressWords)
	if err != nil {
		return live.Options{}, err
	}
	word := progressWords[i]
	return live.Options{
		Terminal: word == "live" || word == "auto" && isTerminal(env.stderr) && env.getenv("TERM") != "dumb",
		Quiet:    word == "none",
		Width:    func() int { return width(env.stderr) },
	}, nil
}

func jsonFlag(cmd *cobra.Command) {
	cmd.Flags().Bool("json", false,
		"print the lines of the journal without evidence, one JSON object a line; tables go to the standard error")
}

// whereJournal returns the line on the journal at the end of a run, which others may have removed meanwhile.
func whereJournal(path string) string {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("plan: another program removed the journal %s during the run: "+
			"plan report cannot show this run, and it cannot be resumed", path)
	}
	return "journal: " + path
}

// runAndReport runs a plan, prints its record as show does, and writes the reports.
func runAndReport(
	cmd *cobra.Command, env environment, plan *plans.Plan, earlier *runs.Earlier, files []outputs.File[journal.Run],
	show func(io.Writer, journal.Run, tty.Options) error,
) error {
	lines := &outputs.Lines{}
	people := env.stdout // what people read goes there
	if asked, _ := cmd.Flags().GetBool("json"); asked {
		lines.Out, people = env.stdout, env.stderr
	}
	color, err := colored(cmd, env, people)
	if err != nil {
		return err
	}
	ctx, interrupts := interrupt.Handle(cmd.Context())
	defer interrupts.Stop() // the last thing: until then a signal changes no answer
	last := newEnding(env, people, files)
	requests := outputs.RequestsOf(env.stderr, plan, files, earlier)
	record, journalPath, err := runAndRecord(ctx, cmd, env, plan, earlier, lines, requests, interrupts, last)
	if err != nil {
		return err
	}
	interrupts.OnSecond(last.ended(record))
	unread := errors.Join(lines.Err(), show(people, record, tty.Options{Color: color, Width: width(people)}))
	fmt.Fprintln(env.stderr, whereJournal(journalPath))
	outputs.Summary(env.stderr, env.environ, func(f *os.File) error { return formats.Markdown(f, record) })
	written := outputs.Write(env.stderr, record, files)
	if requests != nil {
		if err := requests.Close(); err != nil {
			fmt.Fprintf(env.stderr, "plan: the requests were not written: %v\n", err)
			written = runner.ExitEnvironment
		}
	}
	written = runner.Worse(written, lines.Code())
	last.reported.Store(written == runner.ExitMet)
	if unread != nil {
		fmt.Fprintf(env.stderr, "plan: the results could not be printed: %v; print them with: plan report %s\n",
			unread, record.Run.ID)
	}
	// What happens after the last verdict changes no answer.
	if code := cmp.Or(record.Run.ExitCode, written); code != runner.ExitMet {
		return exit(code)
	}
	return nil
}

// sessionOptions returns what sessions of a command need. A second signal prints which
// calls of the engine a session waits for while it is opened.
func sessionOptions(cmd *cobra.Command, env environment, interrupts *interrupt.Signals) session.Options {
	wait, _ := cmd.Flags().GetBool("wait")
	check := func(diags diag.List) error { return refuse(cmd, env, diags, runner.ExitEnvironment) }
	return session.Options{
		Version: version, Wait: wait, Stderr: env.stderr, Check: check,
		Connected: func(engine platform.Platform) {
			interrupts.OnSecond(env.stoppedWith("the engine is made ready", engine))
		},
	}
}

// runAndRecord runs the plan, or resumes an earlier run of it, and writes its journal
// through lines. It returns the record of the run and the path of its journal, or an
// error where the run cannot start. requests may be nil.
func runAndRecord(
	ctx context.Context, cmd *cobra.Command, env environment, plan *plans.Plan, earlier *runs.Earlier,
	lines *outputs.Lines, requests *outputs.Requests, interrupts *interrupt.Signals, last *ending,
) (journal.Run, string, error) {
	color, err := colored(cmd, env, env.stderr)
	if err != nil {
		return journal.Run{}, "", err
	}
	s, err := session.New(ctx, plan, earlier, sessionOptions(cmd, env, interrupts))
	if err = interruptedOr(ctx, err); err != nil {
		return journal.Run{}, "", err
	}
	defer s.Close()
	runs.PrintVersionNote(env.stderr, plan.File, s.ID)
	runs.PrintResumeNote(env.stderr, plan.File, s.ID)
	progress, err := progressOptions(cmd, env)
	if err != nil {
		return journal.Run{}, "", err
	}
	progress.Color = color
	display := live.New(env.stderr, progress)
	defer display.Close()
	s.Engine.WaitWhileAway(plans.AwayWait, display.Note)
	header := journal.Header{ID: s.ID, Platform: journal.PlatformOf(plan.Platform)}
	interrupts.OnSecond(last.running(s.Journal.Path(),
		func() { printWaiting(env.stderr, display.UnderWay(), s.Engine) }, s.Resources, header.CleanCommand()))
	r := s.Runner(plan)
	lines.Journal, lines.Past = s.Journal, r.Past
	r.Journal, r.Observer, r.Seed = lines, display, uint64(time.Now().UnixNano())
	if earlier != nil {
		if err := earlier.Resume(&r); err != nil {
			return journal.Run{}, "", err
		}
	}
	if requests != nil {
		if err := requests.Open(); err != nil {
			return journal.Run{}, "", err
		}
		r.Exchanges = requests
	}
	return journal.Printable(r.Run(ctx)), s.Journal.Path(), nil
}
