package compose

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/dockerfile"
)

// dockerfileOf reads the one that a service is built of; nothing of it where there is
// none on this machine.
func dockerfileOf(x types.ServiceConfig) dockerfile.Stage {
	text, is := dockerfileText(x)
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
func dockerfileText(x types.ServiceConfig) (string, bool) {
	switch {
	case x.Build == nil:
		return "", false
	case x.Build.DockerfileInline != "":
		return x.Build.DockerfileInline, true
	}
	content, err := os.ReadFile(dockerfilePath(*x.Build, x.Build.Context))
	return string(content), err == nil
}

// dockerfilePath is where the Dockerfile of a build is whose context is a folder.
func dockerfilePath(b types.BuildConfig, context string) string {
	b.Context = context
	file := dockerfileName(b)
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(context, file)
}

// buildsIn reports whether the files for all images that Compose builds are there if the paths of the project are
// relative to a folder.
func (s *project) buildsIn(folder string) bool {
	for _, x := range s.AllServices() {
		if missing := s.missingOf(x, folder); missing != "" {
			return false
		}
	}
	return true
}

// missingOf is the folder or the Dockerfile that the build of a service lacks if the paths of the project are relative
// to a folder; "" for none.
func (s *project) missingOf(x types.ServiceConfig, folder string) string {
	if x.Build == nil || x.Build.DockerfileInline != "" || !filepath.IsAbs(x.Build.Context) {
		return ""
	}
	context := x.Build.Context
	if relative, err := filepath.Rel(s.WorkingDir, context); err == nil {
		context = filepath.Join(folder, relative)
	}
	for _, path := range []string{context, dockerfilePath(*x.Build, context)} {
		if _, err := os.Stat(path); err != nil {
			return path
		}
	}
	return ""
}

// dockerfileName is the file that a build reads: Docker takes dockerfile, where there is
// no Dockerfile.
func dockerfileName(b types.BuildConfig) string {
	file := cmp.Or(b.Dockerfile, "Dockerfile")
	entries, err := os.ReadDir(b.Context)
	if file != "Dockerfile" || err != nil {
		return file
	}
	has := func(name string) bool {
		return slices.ContainsFunc(entries, func(entry os.DirEntry) bool { return entry.Name() == name })
	}
	if !has(file) && has("dockerfile") {
		return "dockerfile"
	}
	return file
}
