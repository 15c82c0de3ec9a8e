// Package acceptance drives the command as its users do: the real static
// binary as a process, on a real Docker engine, against truths that were found
// without it.
//
// It knows the documented interface alone (arguments, exit codes, report,
// journal) and imports nothing of the module.
package acceptance

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// session is what one run of these tests has made; everything on the engine
// carries its name.
type session struct {
	name string // unique to this run of the tests
	dir  string // for files of all tests, removed at the end
	plan string // the command's binary
}

var here session // set once by TestMain, before any test

// atOnce is how many of the tests that may run beside others do: most of the time
// of a trial is waiting.
const atOnce = 12

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err != nil {
		panic(err)
	}
	os.Exit(func() int {
		if err := here.open(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer here.close()
		return m.Run()
	}())
}

func (s *session) open() error {
	var random [3]byte
	rand.Read(random[:])
	s.name = "plan-acceptance-" + hex.EncodeToString(random[:])
	dir, err := os.MkdirTemp("", s.name+"-")
	if err != nil {
		return err
	}
	s.dir, s.plan = dir, filepath.Join(dir, "plan")
	// The build id makes this binary unlike any other one, so that the agent's
	// image made of it belongs to this run of the tests alone.
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-buildid="+s.name, "-o", s.plan, "./cmd/plan")
	build.Dir = "../.."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return fmt.Errorf("the command does not build: %w\n%s", err, out)
	}
	return nil
}

// close removes what the tests shared: images, containers that a failed test
// left, and files.
func (s *session) close() {
	if engineAnswers() == nil {
		removeAll("container", "rm", "-f", "-v")
		removeAll("network", "rm")
		removeAll("image", "rmi", "-f")
		_ = exec.Command("docker", append([]string{"rmi", "-f", s.name + "-sample:latest"}, agentImages(s.plan)...)...).Run()
	}
	os.RemoveAll(s.dir)
}

// label marks everything that these tests make by themselves.
func (s *session) label() string { return "plan-acceptance=" + s.name }

func removeAll(kind string, remove ...string) {
	list := []string{kind, "ls", "-q", "--filter", "label=" + here.label()}
	if kind == "container" {
		list = append(list, "-a")
	}
	out, _ := exec.Command("docker", list...).Output()
	if ids := strings.Fields(string(out)); len(ids) > 0 {
		_ = exec.Command("docker", append(remove, ids...)...).Run()
	}
}

// agentImages are the agent's images that were made of a binary: their tag
// begins its digest.
func agentImages(binary string) []string {
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(content))
	out, _ := exec.Command("docker", "image", "ls", "--filter", "label=plan.role=agent-image", "--format", "{{.Repository}}:{{.Tag}}").Output()
	return slices.DeleteFunc(strings.Fields(string(out)), func(name string) bool {
		_, tag, _ := strings.Cut(name, ":")
		return !strings.HasPrefix(digest, tag)
	})
}
