package dockerfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	const text = `# syntax=docker/dockerfile:1
ARG VERSION=3.12
FROM --platform=linux/amd64 python:${VERSION}-slim AS base
ARG PORT=8080
ENV PORT=$PORT NAME="x y"
EXPOSE ${PORT}/tcp \
  # between its lines
  9090
ENTRYPOINT ["tini", "--"]
FROM node AS page
CMD npm start
HEALTHCHECK --interval=5s CMD ["curl", "-f", "http://localhost/"]
FROM base
ENV OLD way of it
RUN <<EOF
CMD not one
EOF
COPY --chown=app a.py /app/
HEALTHCHECK CMD curl -f http://localhost:8080/health || exit 1
CMD ["python", "a.py"]
`
	want := Stage{
		Base: "python:3.12-slim", Entrypoint: []string{"tini", "--"}, Command: []string{"python", "a.py"},
		Exposed: []string{"8080/tcp", "9090"}, Environment: map[string]string{"PORT": "8080", "NAME": "x y", "OLD": "way of it"},
		Copied:      [][]string{{"a.py", "/app/"}},
		Healthcheck: []string{"CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"},
	}
	if diff := cmp.Diff(want, Read(text, "", nil)); diff != "" {
		t.Error(diff)
	}
	want = Stage{Base: "node", Command: []string{"sh", "-c", "npm start"}, Healthcheck: []string{"CMD", "curl", "-f", "http://localhost/"}}
	if diff := cmp.Diff(want, Read(text, "page", nil)); diff != "" {
		t.Error(diff)
	}
	got := Read(text, "base", map[string]string{"VERSION": "3.13", "PORT": "7000"})
	if got.Base != "python:3.13-slim" || got.Exposed[0] != "7000/tcp" || got.Command != nil {
		t.Errorf("with arguments: %+v", got)
	}
	if got := Read("FROM a\nHEALTHCHECK CMD x\nHEALTHCHECK NONE", "", nil); got.Healthcheck != nil {
		t.Errorf("%+v", got)
	}
	if got := Read("", "", nil); got.Base != "" {
		t.Errorf("of no text: %+v", got)
	}
}

// TestEntrypointClearsOnlyAnInheritedCommand: as both builders of Docker do.
func TestEntrypointClearsOnlyAnInheritedCommand(t *testing.T) {
	for text, want := range map[string]string{
		"FROM a\nCMD [\"x\"]\nENTRYPOINT [\"y\"]":                                         "y x",
		"FROM a\nENTRYPOINT [\"y\"]\nCMD [\"x\"]":                                         "y x",
		"FROM a AS b\nCMD [\"x\"]\nFROM b\nENTRYPOINT [\"y\"]":                            "y",
		"FROM a AS b\nCMD [\"x\"]\nFROM b\nENTRYPOINT [\"y\"]\nCMD [\"z\"]":               "y z",
		"FROM a AS b\nCMD [\"x\"]\nFROM b\nCMD [\"z\"]\nENTRYPOINT [\"y\"]":               "y z",
		"FROM a AS b\nCMD [\"x\"]\nFROM b":                                                "x",
		"FROM a AS b\nCMD [\"x\"]\nENTRYPOINT [\"y\"]\nFROM b\nENTRYPOINT [\"new\"]":      "new",
		"FROM a AS b\nCMD [\"x\"]\nENTRYPOINT [\"y\"]\nFROM b":                            "y x",
		"FROM a AS b\nENTRYPOINT [\"y\"]\nFROM c\nCMD [\"x\"]\nENTRYPOINT [\"z\", \"w\"]": "z w x",
	} {
		got := Read(text, "", nil)
		if got := strings.Join(append(got.Entrypoint, got.Command...), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestNeedsBuildKit(t *testing.T) {
	for text, want := range map[string]string{
		"FROM a\nRUN x --mount\nCOPY --from=b --chown=c d e\nADD f g":  "",
		"# syntax=docker/dockerfile:1\nFROM a":                         "",
		"# syntax=docker/dockerfile:1.7-labs\nFROM a":                  "# syntax=docker/dockerfile:1.7-labs in line 1",
		"# syntax=a/b\nFROM a":                                         "# syntax=a/b in line 1",
		"# syntax=docker/dockerfile:1.4\nFROM a\nRUN --mount=type=x y": "RUN --mount in line 3",
		"FROM a\n\nRUN --mount=type=cache,target=/c \\\n  pip x":       "RUN --mount in line 3",
		"FROM a\nCOPY --link b c\nCOPY --chmod=755 d e":                "COPY --link in line 2, COPY --chmod in line 3",
		"FROM a\nADD --checksum=sha256:1 b c":                          "ADD --checksum in line 2",
		"FROM a\nRUN <<EOF\nx\nEOF":                                    "a heredoc in line 2",
		"FROM a\nCOPY <<EOF /b\nx\nEOF":                                "a heredoc in line 2",
		"FROM --platform=$BUILDPLATFORM a":                             "BUILDPLATFORM in line 1",
		"FROM --platform=${TARGETPLATFORM} a":                          "TARGETPLATFORM in line 1",
		"FROM --platform=linux/amd64 a\n# syntax=x":                    "",
		"FROM a\nARG TARGETARCH\nRUN x $TARGETARCH":                    "TARGETARCH in line 2",
		"FROM a\nARG X BUILDVARIANT TARGETOS=b":                        "BUILDVARIANT in line 2",
		"FROM a\nARG TARGETARCH=amd64\nARG TARGETARCHIVE":              "",
		"FROM a\nARG TARGET\nARG MY_TARGETARCH\nRUN x $TARGETARCH":     "",
		"ARG BUILDPLATFORM\nFROM --platform=$BUILDPLATFORM a":          "BUILDPLATFORM in line 1, BUILDPLATFORM in line 2",
		"FROM a\nADD https://b.c/d.git /e":                             "ADD of a Git repository in line 2",
		"FROM a\nADD --chown=f https://b.c/d.git#v1:x /e":              "ADD of a Git repository in line 2",
		"FROM a\nADD git@b.c:d/e.git /f":                               "ADD of a Git repository in line 2",
		"FROM a\nADD git://b.c/d /e":                                   "ADD of a Git repository in line 2",
		"FROM a\nADD https://b.c/d.git.zip https://b.c/d/.github /e/":  "",
		"FROM a\nCOPY b c .":                                           "COPY of several files to a folder without / at its end in line 2",
		"FROM a\nADD [\"b\", \"c\", \"/d\"]":                           "ADD of several files to a folder without / at its end in line 2",
		"FROM a\nCOPY b c ./\nCOPY d* e\nCOPY f g $H":                  "",
		"FROM a\nADD d.git e.git":                                      "",
		"FROM a\nCOPY https://b.c/d.git /e":                            "",
		"FROM a\nADD x.zip https://b.c/d.git":                          "",
		"FROM a\nONBUILD RUN --mount=type=cache,target=/c x":           "RUN --mount in line 2",
		"FROM a\nONBUILD COPY --from=b c d":                            "",
	} {
		if got := strings.Join(NeedsBuildKit(text, nil), ", "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"FROM a\nARG TARGETARCH":                              "",
		"FROM a\nARG TARGETARCH TARGETOS":                     "TARGETOS in line 2",
		"FROM a\nONBUILD ARG TARGETARCH":                      "",
		"ARG TARGETARCH\nFROM --platform=linux/$TARGETARCH a": "TARGETARCH in line 2",
	} {
		if got := strings.Join(NeedsBuildKit(text, []string{"A", "TARGETARCH"}), ", "); got != want {
			t.Errorf("%q with TARGETARCH: %q, want %q", text, got, want)
		}
	}
}
