package compose

import (
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/dockerfile"
)

// dockerfile reads the one that a service is built of; nothing of it where there is
// none on this machine.
func (s *project) dockerfile(x types.ServiceConfig) dockerfile.Stage {
	text, is := s.dockerfileText(x)
	if !is {
		return dockerfile.Stage{}
	}
	args := map[string]string{}
	for name, value := range x.Build.Args {
		if value != nil {
			args[name] = *value
		}
	}
	return dockerfile.Read(text, x.Build.Target, args)
}

// dockerfileText is the text of the Dockerfile of a service; false where there is none
// on this machine.
func (s *project) dockerfileText(x types.ServiceConfig) (string, bool) {
	switch {
	case x.Build == nil:
		return "", false
	case x.Build.DockerfileInline != "":
		return x.Build.DockerfileInline, true
	}
	path := x.Build.Dockerfile
	if !filepath.IsAbs(path) {
		path = filepath.Join(x.Build.Context, path)
	}
	content, err := os.ReadFile(path)
	return string(content), err == nil
}
