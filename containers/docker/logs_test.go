package docker

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// logging is an engine with the log of one container.
type logging struct {
	fake
	text  string
	asked container.LogsOptions
}

func (l *logging) ContainerLogs(_ context.Context, _ string, options container.LogsOptions) (io.ReadCloser, error) {
	l.asked = options
	var b bytes.Buffer
	_, err := stdcopy.NewStdWriter(&b, stdcopy.Stdout).Write([]byte(l.text))
	return io.NopCloser(&b), err
}

// TestLogLinesAreCut: a line is cut after its secrets are masked, so that no cut shows a part of one.
func TestLogLinesAreCut(t *testing.T) {
	const secret = "T0k3nSuperSecretValue"
	long := strings.Repeat("x", longestLine-10) + secret + "yyyyyyyyyy"
	log := &logging{text: "short " + secret + "\r\n" + long + "\n"}
	d := newDocker(Options{Run: "r1", Secrets: []string{secret}}, log, configfile.New(""))
	i := &Instance{docker: d}
	got, err := i.Logs(t.Context(), 10)
	if err != nil || len(got) != 2 || got[0] != "short ***" || got[1] != strings.Repeat("x", longestLine-10)+"***yyyyyyy…" {
		t.Errorf("%v, %d lines: %.40q … %q", err, len(got), got[0], got[1][len(got[1])-20:])
	}
}

// TestWrappedSecretsInALog: the writing of a secret that fills several lines is masked before the log is cut into
// lines, also where it begins before the lines that are kept.
func TestWrappedSecretsInALog(t *testing.T) {
	secret := strings.Repeat("T0k3nSuperSecretValue", 5)
	var text strings.Builder
	for part := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(secret))), 76) {
		text.Write(append(part, '\n'))
	}
	log := &logging{text: "a\n" + text.String() + "b\n"}
	d := newDocker(Options{Run: "r1", Secrets: []string{secret}}, log, configfile.New(""))
	i := &Instance{docker: d}
	for lines, want := range map[int][]string{10: {"a", "***", "b"}, 2: {"***", "b"}} {
		if got, err := i.Logs(t.Context(), lines); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d lines: %q, %v; want %q", lines, got, err, want)
		}
	}
	if tail, _ := strconv.Atoi(log.asked.Tail); tail < 4 {
		t.Errorf("for 2 lines it asked for %q", log.asked.Tail)
	}
}
