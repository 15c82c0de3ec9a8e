package images

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/registry"
	"github.com/moby/go-archive"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"plan/containers"
	"plan/internal/dockerfile"
	"plan/internal/mask"
)

// Source is what an image is built from.
type Source struct {
	Reference  string // name and tag that it gets
	Context    string // folder on this machine
	Dockerfile string // relative to the context, or absolute; "" is Dockerfile
	Args       map[string]string
	Target     string     // stage; "" is the last one
	Mask       *mask.Mask // hides secrets in the builder's output; nil without secrets
}

// BuildFrom builds an image from a Dockerfile with the engine's builder, and writes the
// builder's output to out. A Dockerfile that needs BuildKit is built by the docker
// command instead. `.dockerignore` is honoured.
func (s *Store) BuildFrom(ctx context.Context, source Source, out io.Writer) error {
	file := source.Dockerfile
	if file == "" {
		file = "Dockerfile"
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(source.Context, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return buildError(source, "its Dockerfile cannot be read: "+err.Error(),
			"correct context and dockerfile of its build", err)
	}
	reasons := dockerfile.NeedsBuildKit(string(text), slices.Collect(maps.Keys(source.Args)))
	inside, err := filepath.Rel(source.Context, file)
	if err != nil || strings.HasPrefix(inside, "..") {
		reasons = append(reasons, "a Dockerfile outside of its context")
	}
	if len(reasons) > 0 {
		return s.buildByCommand(ctx, source, file, strings.Join(reasons, ", "), out)
	}
	excluded, err := excludedFiles(source.Context, filepath.ToSlash(inside))
	if err != nil {
		return buildError(source, "its .dockerignore cannot be read: "+err.Error(), "correct that file", err)
	}
	folder, err := archive.TarWithOptions(source.Context, &archive.TarOptions{
		ExcludePatterns: excluded, ChownOpts: &archive.ChownOpts{},
	})
	if err != nil {
		return buildError(source, "its context cannot be read: "+err.Error(), "correct context of its build", err)
	}
	defer folder.Close()
	options := build.ImageBuildOptions{
		Tags: []string{source.Reference}, Dockerfile: filepath.ToSlash(inside), Target: source.Target, Remove: true,
		ForceRemove: true,
		BuildArgs:   map[string]*string{}, AuthConfigs: s.allCredentials(), Version: build.BuilderV1,
	}
	for name, value := range source.Args {
		options.BuildArgs[name] = &value
	}
	shown := source.Mask.Stream(out) // the builder and its client cut their output anywhere
	answer, err := s.engine.ImageBuild(ctx, folder, options)
	if err != nil {
		return s.errs.Wrap("the image "+source.Reference+" cannot be built", err)
	}
	defer answer.Body.Close()
	err = errors.Join(copyBuildOutput(shown, answer.Body), shown.Close())
	if said, is := errors.AsType[streamError](err); is {
		return buildError(source, "the builder stopped: "+string(said),
			"correct "+file+": the output above ends where it failed", err)
	}
	return s.errs.Wrap("the image "+source.Reference+" cannot be built", err)
}

// buildByCommand builds with the docker command, which has a client for BuildKit.
func (s *Store) buildByCommand(ctx context.Context, source Source, file, why string, out io.Writer) error {
	needs := fmt.Sprintf("its Dockerfile needs BuildKit (%s)", why)
	help := "install the docker command with buildx, or build the image elsewhere: docker build -t " + source.Reference +
		" " + source.Context
	program, err := exec.LookPath("docker")
	if err != nil {
		return buildError(source, needs+", which the docker command runs, and that command is not installed", help, err)
	}
	args := []string{"build", "--progress", "plain", "--tag", source.Reference, "--file", file}
	if source.Target != "" {
		args = append(args, "--target", source.Target)
	}
	command := exec.CommandContext(ctx, program)
	// The values of arguments are passed in the environment: others see a command line.
	command.Env = append(os.Environ(), "DOCKER_BUILDKIT=1", "DOCKER_HOST="+s.engine.DaemonHost())
	for _, name := range slices.Sorted(maps.Keys(source.Args)) {
		args = append(args, "--build-arg", name)
		command.Env = append(command.Env, name+"="+source.Args[name])
	}
	command.Args = append(append([]string{program}, args...), source.Context)
	last := &lastLine{}
	shown := source.Mask.Stream(io.MultiWriter(out, last)) // one writer, so that one goroutine writes to it
	command.Stdout, command.Stderr = shown, shown
	if err := errors.Join(command.Run(), shown.Close()); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return buildError(source, fmt.Sprintf("%s, and `docker build` failed: %s", needs, last), help, err)
	}
	return nil
}

// lastLine keeps the last line that is written to it and not empty.
type lastLine struct{ now, last string }

func (l *lastLine) Write(text []byte) (int, error) {
	lines := strings.Split(l.now+string(text), "\n")
	for _, line := range lines[:len(lines)-1] {
		if strings.TrimSpace(line) != "" {
			l.last = strings.TrimSpace(line)
		}
	}
	l.now = lines[len(lines)-1]
	return len(text), nil
}

func (l *lastLine) String() string {
	if now := strings.TrimSpace(l.now); now != "" {
		return now
	}
	return l.last
}

// excludedFiles are the patterns of .dockerignore; the Dockerfile itself is always sent.
func excludedFiles(folder, inside string) ([]string, error) {
	file, err := os.Open(filepath.Join(folder, ".dockerignore"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return nil, err
	}
	for _, needed := range []string{".dockerignore", inside} {
		if hidden, _ := patternmatcher.MatchesOrParentMatches(needed, patterns); hidden {
			patterns = append(patterns, "!"+needed)
		}
	}
	return patterns, nil
}

// allCredentials are those of docker's configuration, for the images that a Dockerfile
// begins with. Those that a helper does not return are left out: open images need none.
func (s *Store) allCredentials() map[string]registry.AuthConfig {
	all := map[string]registry.AuthConfig{}
	stored, _ := s.config.GetAllCredentials()
	for name, a := range stored {
		all[name] = registry.AuthConfig{
			Username: a.Username, Password: a.Password, Auth: a.Auth,
			ServerAddress: a.ServerAddress, IdentityToken: a.IdentityToken, RegistryToken: a.RegistryToken,
		}
	}
	return all
}

// copyBuildOutput writes the text of a build's stream. The error is a streamError where
// the builder reports one.
func copyBuildOutput(out io.Writer, stream io.Reader) error {
	lines := json.NewDecoder(bufio.NewReader(stream))
	for {
		var line struct {
			Stream, Status, ID, Error string
			ErrorDetail               struct{ Message string }
		}
		err := lines.Decode(&line)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case line.ErrorDetail.Message != "":
			return streamError(line.ErrorDetail.Message)
		case line.Error != "":
			return streamError(line.Error)
		case line.Stream != "":
			_, err = io.WriteString(out, line.Stream)
		case line.Status != "" && line.ID == "": // layers of a base image come many times a second
			_, err = fmt.Fprintln(out, line.Status)
		}
		if err != nil {
			return err
		}
	}
}

func buildError(source Source, what, help string, err error) error {
	return &containers.Error{
		Kind: containers.NoImage, Summary: fmt.Sprintf("the image %s cannot be built: %s", source.Reference, what),
		Help: help, Err: err,
	}
}
