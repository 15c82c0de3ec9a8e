package acceptance

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const secretKey = "open-sesame-4711"

// TestSecretsStayWhereTheyAre: a plan with a secret variable, a service that
// tells its secret, and a registry's password. None of them is in what the run
// prints and leaves, in the labels and names of what it makes, or in the
// arguments of what it starts.
func TestSecretsStayWhereTheyAre(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r := newRegistry(t)
	store, path, _ := helper(t, r, `{"credsStore": "workshop"}`)
	for _, c := range []struct {
		name, config string
		env          []string
		runs         bool // the registry takes the login
	}{
		{"in the file", r.stored(t, registryPassword), nil, true},
		{"in a store", store, []string{path}, true},
		{"refused", r.stored(t, registryPassword+"r"), nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := secretRun(t, r, append(c.env, "DOCKER_CONFIG="+c.config), c.runs)
			for _, where := range seen {
				for _, secret := range []string{secretKey, registryPassword} {
					if where.holds(secret) {
						t.Errorf("%s holds %q:\n%s", where.name, secret, where.text)
					}
				}
			}
			masked := slices.ContainsFunc(seen, func(where place) bool { return strings.Contains(where.text, "***") })
			if c.runs && !masked {
				t.Error("the service did not tell its secret, so this shows nothing of its log")
			}
		})
	}
}

// secretRun runs the plan of secrets, and gives all places where one could be.
func secretRun(t *testing.T, r registry, env []string, runs bool) []place {
	t.Helper()
	dir, repository := t.TempDir(), r.address+"/workshop/api"
	t.Cleanup(func() { _, _ = tryDocker("rmi", repository+":latest") })
	args := planArgs(t, dir, "testdata/secrets.hcl", "source="+sample(t), "repository="+repository)
	p := start(t, dir, append(env, "PLAN_VAR_key="+secretKey), args...)
	var seen []place
	code := 3
	if runs {
		service := p.inTrial()
		seen = append(seen, place{"what describes the service", described(t, service)}, place{"the arguments of processes", arguments(t, p)})
		code = 1 // one of the services breaks
	}
	ended := p.wait()
	says(t, ended, code)
	again := run(t, dir, "report", p.id())
	seen = append(seen, place{"standard output", ended.stdout}, place{"standard error", ended.stderr}, place{"plan report", again.stdout + again.stderr})
	return append(seen, files(t, dir)...)
}

func TestSecretsAreFoundInAnyForm(t *testing.T) {
	for _, text := range []string{"password=" + registryPassword + "!", "Basic " + basic(registryPassword), basic(registryPassword + "r")} {
		if where := (place{"a text", text}); !where.holds(registryPassword) || where.holds(secretKey) {
			t.Errorf("%q", text)
		}
	}
}

// place is where a secret could be.
type place struct{ name, text string }

func (p place) holds(secret string) bool {
	return slices.ContainsFunc(forms(secret), func(form string) bool { return strings.Contains(p.text, form) })
}

// forms are the ways to write a secret: as it is, and in base64 behind any
// number of bytes, as that of a login is.
func forms(secret string) []string {
	all := []string{secret}
	for before := range 3 {
		padded := append(bytes.Repeat([]byte{':'}, before), secret...)
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := encoding.EncodeToString(padded)
			// The first and the last characters hold bits of the neighbours too.
			all = append(all, text[(before*8+5)/6:len(padded)*8/6])
		}
	}
	return all
}

// files are all that a run leaves in its folder.
func files(t *testing.T, dir string) []place {
	t.Helper()
	var found []place
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		found = append(found, place{path, string(text)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 2 {
		t.Errorf("the run left %d files, want its journal and its report at least", len(found))
	}
	return found
}

// described is what the engine tells of a container and its image, but for the
// environment that was asked for.
func described(t *testing.T, container string) string {
	t.Helper()
	const of = "{{.Name}} {{.Path}} {{.Args}} {{json .Config.Labels}} {{json .Config.Cmd}} {{.Config.Hostname}}"
	return docker(t, "inspect", "--format", of, container) +
		docker(t, "image", "inspect", "--format", "{{json .RepoTags}} {{json .Config}}", docker(t, "inspect", "--format", "{{.Image}}", container))
}

// arguments are those of the command and of all processes that it started.
func arguments(t *testing.T, p *process) string {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, path := range lines {
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "stat")) // it may have ended meanwhile
		if group(string(status)) != p.command.Process.Pid {
			continue
		}
		line, _ := os.ReadFile(path)
		all.Write(line)
	}
	if all.Len() == 0 {
		t.Error("no process of the command was found")
	}
	return all.String()
}

// group is the process group in a line of /proc/PID/stat: the third word behind
// the name.
func group(stat string) int {
	words := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	if len(words) < 3 {
		return 0
	}
	id, _ := strconv.Atoi(words[2])
	return id
}
