package docker

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// logging is an engine with the log of one container.
type logging struct {
	fake
	text string
}

func (l *logging) ContainerLogs(context.Context, string, container.LogsOptions) (io.ReadCloser, error) {
	var b bytes.Buffer
	_, err := stdcopy.NewStdWriter(&b, stdcopy.Stdout).Write([]byte(l.text))
	return io.NopCloser(&b), err
}

// TestLogLinesAreCut: a line is cut after its secrets are masked, so that no cut shows a part of one.
func TestLogLinesAreCut(t *testing.T) {
	const secret = "T0k3nSuperSecretValue"
	long := strings.Repeat("x", longestLine-10) + secret + "y"
	log := &logging{text: "short " + secret + "\r\n" + long + "\n"}
	d := newDocker(Options{Run: "r1", Secrets: []string{secret}}, log, configfile.New(""))
	i := &Instance{docker: d}
	got, err := i.Logs(t.Context(), 10)
	if err != nil || len(got) != 2 || got[0] != "short ***" || got[1] != strings.Repeat("x", longestLine-10)+"***y…" {
		t.Errorf("%v, %d lines: %.40q … %q", err, len(got), got[0], got[1][len(got[1])-20:])
	}
}
