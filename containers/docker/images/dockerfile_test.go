package images

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config/configfile"
	clitypes "github.com/docker/cli/cli/config/types"
	"github.com/docker/docker/api/types/build"

	"plan/containers"
	"plan/internal/mask"
)

// builder is an engine that builds: it keeps what it is sent.
type builder struct {
	fake
	answer  string // its stream
	files   []string
	options build.ImageBuildOptions
}

func (b *builder) ImageBuild(_ context.Context, folder io.Reader, options build.ImageBuildOptions) (build.ImageBuildResponse, error) {
	b.options = options
	files := tar.NewReader(folder)
	for {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return build.ImageBuildResponse{}, err
		}
		if !strings.HasSuffix(head.Name, "/") {
			b.files = append(b.files, head.Name)
		}
		if head.Uid != 0 || head.Gid != 0 {
			return build.ImageBuildResponse{}, errors.New(head.Name + " is not root's")
		}
	}
	return build.ImageBuildResponse{Body: io.NopCloser(strings.NewReader(b.answer))}, nil
}

// folder writes files, by name.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAnImageIsBuiltByTheEngine(t *testing.T) {
	cfg := configfile.New("")
	cfg.AuthConfigs = map[string]clitypes.AuthConfig{"reg:5000": {Username: "u", Password: "p"}}
	b := &builder{answer: `{"stream":"Step 1/1 : FROM a\n"}
{"status":"Pulling from a"}
{"status":"Downloading","id":"b1"}
{"stream":"Successfully built 0123\n"}
`}
	dir := folder(t, map[string]string{
		"sub/api.Dockerfile": "FROM a\nCOPY . /\n", "app.py": "", "big/model.bin": "", "big/keep.txt": "", ".env": "",
		".dockerignore": "# not sent\n.env\nbig/*\n!big/keep.txt\nsub\n",
	})
	var out bytes.Buffer
	err := New(b, cfg).BuildFrom(t.Context(), Source{
		Reference: "x:1", Context: dir, Dockerfile: "sub/api.Dockerfile", Args: map[string]string{"A": "1", "B": "2"}, Target: "serve",
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Step 1/1 : FROM a\nPulling from a\nSuccessfully built 0123\n"; out.String() != want {
		t.Errorf("shown: %q", out.String())
	}
	slices.Sort(b.files)
	if want := []string{".dockerignore", "app.py", "big/keep.txt", "sub/api.Dockerfile"}; !slices.Equal(b.files, want) {
		t.Errorf("sent %v, want %v", b.files, want)
	}
	o := b.options
	if o.Dockerfile != "sub/api.Dockerfile" || !slices.Equal(o.Tags, []string{"x:1"}) || o.Target != "serve" || len(o.BuildArgs) != 2 ||
		*o.BuildArgs["A"] != "1" || *o.BuildArgs["B"] != "2" || o.Version != build.BuilderV1 || o.AuthConfigs["reg:5000"].Password != "p" {
		t.Errorf("asked for %+v", o)
	}
}

// TestAPlatformThatIsGivenNeedsNoBuildKit: the engine's builder sets a build argument that it is given.
func TestAPlatformThatIsGivenNeedsNoBuildKit(t *testing.T) {
	b := &builder{answer: `{"stream":"x"}`}
	docker(t, "")
	err := New(b, configfile.New("")).BuildFrom(t.Context(), Source{
		Reference: "x:1", Context: folder(t, map[string]string{"Dockerfile": "FROM a\nARG TARGETARCH\n"}),
		Args: map[string]string{"TARGETARCH": "amd64"},
	}, io.Discard)
	if err != nil || b.options.BuildArgs["TARGETARCH"] == nil {
		t.Errorf("%v; asked for %+v", err, b.options)
	}
}

func TestBuildsThatFail(t *testing.T) {
	whole := map[string]string{"Dockerfile": "FROM a\n"}
	for _, c := range []struct {
		files  map[string]string
		answer string
		want   []string
	}{
		{nil, "", []string{"the image x:1 cannot be built: its Dockerfile cannot be read", "correct context and dockerfile"}},
		{whole, `{"errorDetail":{"message":"pip returned 1"},"error":"old"}`, []string{"cannot be built: the builder stopped: pip returned 1", "the output above"}},
		{whole, `{"error":"only in old"}`, []string{"the builder stopped: only in old"}},
		{whole, `{"stream":"Ste`, []string{"no Docker engine answers"}},
	} {
		b := &builder{answer: c.answer}
		err := New(b, configfile.New("")).BuildFrom(t.Context(), Source{Reference: "x:1", Context: folder(t, c.files)}, io.Discard)
		fault, is := errors.AsType[*containers.Error](err)
		if !is || slices.ContainsFunc(c.want, func(part string) bool { return !strings.Contains(fault.Error(), part) }) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// docker puts a script on PATH in the place of the docker command, or nothing.
func docker(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if script != "" {
		if err := os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestBuildKitIsLeftToTheDockerCommand(t *testing.T) {
	source := Source{
		Reference: "x:1", Context: folder(t, map[string]string{"Dockerfile": "FROM a\nRUN --mount=type=cache,target=/c x\n"}),
		Args: map[string]string{"B": "secret", "A": "1"}, Target: "serve",
	}
	b := &builder{}
	var out bytes.Buffer
	docker(t, `echo "$DOCKER_BUILDKIT $DOCKER_HOST $A $B: $*"`)
	if err := New(b, configfile.New("")).BuildFrom(t.Context(), source, &out); err != nil {
		t.Fatal(err)
	}
	want := "1 unix:///fake.sock 1 secret: build --progress plain --tag x:1 --file " + source.Context +
		"/Dockerfile --target serve --build-arg A --build-arg B " + source.Context + "\n"
	if out.String() != want || b.files != nil {
		t.Errorf("%q, want %q; the engine got %v", out.String(), want, b.files)
	}
	for script, want := range map[string]string{
		"": "its Dockerfile needs BuildKit (RUN --mount in line 2), which the docker command runs, and that command is not installed",
		"echo one; echo 'ERROR: BuildKit is enabled but the buildx component is missing' >&2; echo; exit 1": "and `docker build` failed: ERROR: BuildKit is enabled but the buildx",
	} {
		docker(t, script)
		err := New(b, configfile.New("")).BuildFrom(t.Context(), source, io.Discard)
		fault, is := errors.AsType[*containers.Error](err)
		if !is || !strings.Contains(fault.Summary, want) || !strings.Contains(fault.Help, "buildx") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	source.Dockerfile = "../" + filepath.Base(source.Context) + "-other"
	if err := os.WriteFile(filepath.Join(source.Context, source.Dockerfile), []byte("FROM a"), 0o644); err != nil {
		t.Fatal(err)
	}
	docker(t, "")
	if err := New(b, configfile.New("")).BuildFrom(t.Context(), source, io.Discard); err == nil || !strings.Contains(err.Error(), "a Dockerfile outside of its context") {
		t.Error(err)
	}
}

// TestNoPieceOfABuildersOutputShowsASecret: a builder cuts its output anywhere.
func TestNoPieceOfABuildersOutputShowsASecret(t *testing.T) {
	const secret = "T0k3nSuperSecretValue"
	source := Source{
		Reference: "x:1", Context: folder(t, map[string]string{"Dockerfile": "FROM a\n"}),
		Args: map[string]string{"A": secret}, Mask: mask.New([]string{secret}),
	}
	b := &builder{answer: `{"stream":"token T0k3nSuper"}
{"stream":"SecretValue\n"}
{"stream":"ends in T0k3nSu"}
`}
	for _, file := range []string{"FROM a\n", "FROM a\nRUN --mount=type=cache,target=/c x\n"} { // by the engine, by the command
		if err := os.WriteFile(filepath.Join(source.Context, "Dockerfile"), []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
		docker(t, "printf 'token T0k3nSuper'; /bin/sleep 0.1; printf 'SecretValue\\n'; printf 'ends in T0k3nSu'")
		var out bytes.Buffer
		if err := New(b, configfile.New("")).BuildFrom(t.Context(), source, &out); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if got, want := out.String(), "token ***\nends in ***"; got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
	docker(t, "printf 'T0k3nSuper'; /bin/sleep 0.1; printf SecretValue; exit 1")
	if err := New(b, configfile.New("")).BuildFrom(t.Context(), source, io.Discard); err == nil || !strings.Contains(err.Error(), "failed: ***") {
		t.Error(err)
	}
}
