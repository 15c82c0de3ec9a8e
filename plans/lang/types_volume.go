package lang

import (
	"fmt"
	slash "path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/plans"
)

var typeVolumes = &attrType{name: "list of volumes as in Compose", takes: "a list of volumes", example: `["data:/data"]`, want: cty.List(cty.String), convert: toVolumes}

// volumeName is what Docker takes as the name of a volume.
var volumeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]+$`)

// toVolumes takes Compose's short texts. Relative paths stay so: where the
// plan stands is not known here.
func toVolumes(_ *attrType, name string, v cty.Value) (any, *violation) {
	volumes, seen := []plans.Volume{}, map[string]string{}
	for _, e := range v.AsValueSlice() {
		text := e.AsString()
		mounted, p := volume(text)
		if p != nil {
			return nil, p
		}
		if first, twice := seen[mounted.Target]; twice {
			return nil, wrong("P0420", "write another path for one of them", "%s mounts %q and %q at one path", name, first,
				text)
		}
		seen[mounted.Target] = text
		volumes = append(volumes, mounted)
	}
	return volumes, nil
}

// volume reads source:target[:mode].
func volume(text string) (plans.Volume, *violation) {
	source, rest, _ := strings.Cut(text, ":")
	target, mode, _ := strings.Cut(rest, ":")
	v := plans.Volume{Source: source, Target: slash.Join("/", target), ReadOnly: mode == "ro"}
	v.Bind = filepath.IsAbs(source) || strings.HasPrefix(source, ".")
	switch {
	case source == "" || rest == "":
		return v, notVolume(text, "it has no source and target",
			fmt.Sprintf("write %q, or remove it: the files of a container are removed with the container",
				"data:"+slash.Join("/", source, target)))
	case mode != "" && mode != "ro" && mode != "rw":
		return v, notVolume(text, fmt.Sprintf("%q is not a known option", mode), fmt.Sprintf("write %q, or %q",
			source+":"+target, source+":"+target+":ro"))
	case target == "" || v.Target == "/":
		return v, notVolume(text, "its target cannot be /", fmt.Sprintf("write %q", source+":/data"))
	case !slash.IsAbs(target):
		return v, notVolume(text, "the path in the container must be absolute", fmt.Sprintf("write %q", source+":"+v.Target))
	case !v.Bind && !volumeName.MatchString(source):
		help := fmt.Sprintf("write %q for a path beside the plan, or %q for a volume of the engine", "./"+source+":"+target, "data:"+target)
		if rest, home := strings.CutPrefix(source, "~"); home {
			help = fmt.Sprintf("write the whole path: %q", "/home/NAME"+rest+":"+target)
		}
		return v, notVolume(text, fmt.Sprintf("%q is neither the name of a volume nor a path", source), help)
	}
	return v, nil
}

func notVolume(text, why, help string) *violation {
	return wrong("P0420", help, "%q is not a volume: %s", text, why)
}
