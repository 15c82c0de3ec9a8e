package compose

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// volumes writes what of the host is in a service's containers.
func (w serviceWriter) volumes(p *page, s types.ServiceConfig) {
	var items []string
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeTmpfs {
			continue // it stands in tmpfs
		}
		source, why := w.source(s.Name, v)
		if why == "" && (strings.Contains(source, ":") || strings.Contains(v.Target, ":")) {
			why = "its path has a colon"
		}
		if target := path.Clean("/" + v.Target); why == "" && (target == "/" || !path.IsAbs(v.Target)) {
			why = "a plan mounts at absolute paths below /"
		}
		if why != "" {
			w.converter.note(s.Name, "volumes", fmt.Sprintf("%s is left out: %s", cmp.Or(v.Target, v.Source), why))
			continue
		}
		text := source + ":" + v.Target
		if v.ReadOnly {
			text += ":ro"
		}
		items = append(items, quote(text))
	}
	if len(items) > 0 {
		p.list("volumes", items)
	}
}

// source writes what is mounted as Compose's short form has it, or says why it
// cannot be.
func (w serviceWriter) source(service string, v types.ServiceVolumeConfig) (text, why string) {
	switch {
	case v.Type == types.VolumeTypeBind:
		return w.folder(service, v.Source), ""
	case v.Type != types.VolumeTypeVolume:
		return "", "a plan mounts volumes, files and folders of the host, not " + v.Type
	case v.Source == "":
		return "", "it is an anonymous volume, and every container starts anew"
	case v.Volume != nil && v.Volume.Subpath != "":
		return "", "a plan mounts whole volumes"
	}
	return w.volume(service, v), ""
}

// volume is a volume of the engine. What is written to is one of the run's own:
// the project's may hold data that the project lives on, and may be in use.
func (w serviceWriter) volume(service string, v types.ServiceVolumeConfig) string {
	volume := w.converter.project.Volumes[v.Source]
	if bool(volume.External) || v.ReadOnly {
		return volume.Name
	}
	own := identifier(w.converter.project.Name) + "-plan-" + v.Source
	w.converter.note(service, "volumes",
		fmt.Sprintf("%s is made for the run and removed after it: write %s in its place to use what the stack has in it",
			own, volume.Name))
	return own
}

// folder is a path of the host: relative to the plan if the Compose file has it
// relative to itself, or if it lies beside that.
func (w serviceWriter) folder(service, source string) string {
	beside, err := filepath.Rel(w.converter.project.WorkingDir, source)
	if err != nil {
		return source
	}
	// The path may stand in the file by a way that begins at the file's folder.
	model, _ := w.converter.project.raw[service].(map[string]any)
	list, _ := model["volumes"].([]any)
	written := slices.ContainsFunc(list, func(v any) bool {
		text, _ := v.(string)
		if entry, long := v.(map[string]any); long {
			text, _ = entry["source"].(string)
		} else {
			text, _, _ = strings.Cut(text, ":")
		}
		return filepath.Clean(text) == beside
	})
	if !filepath.IsLocal(beside) && !written {
		return source
	}
	relative := w.converter.fromPlan(source)
	if !strings.HasPrefix(relative, ".") && !filepath.IsAbs(relative) {
		relative = "./" + relative
	}
	return relative
}
