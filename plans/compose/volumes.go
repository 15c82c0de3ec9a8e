package compose

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// volumes writes what of the host is in a service's containers.
func (c *converter) volumes(p *page, s types.ServiceConfig) {
	var items []string
	for _, v := range s.Volumes {
		text, why := c.volume(v)
		if why != "" {
			c.note(s.Name, "volumes", fmt.Sprintf("%s is left out: %s", cmp.Or(v.Target, v.Source), why))
			continue
		}
		items = append(items, quote(text))
	}
	if len(items) > 0 {
		p.list("volumes", items)
	}
}

// volume writes one as Compose's short form has it, or says why it cannot.
func (c *converter) volume(v types.ServiceVolumeConfig) (text, why string) {
	source := v.Source
	switch {
	case v.Type == types.VolumeTypeVolume && source == "":
		return "", "it is an anonymous volume, and every container starts anew"
	case v.Type == types.VolumeTypeVolume && v.Volume != nil && v.Volume.Subpath != "":
		return "", "a plan mounts whole volumes"
	case v.Type == types.VolumeTypeVolume:
		source = c.Volumes[source].Name
	case v.Type != types.VolumeTypeBind:
		return "", "a plan mounts volumes and folders of the host, not " + v.Type
	}
	if strings.Contains(source, ":") || strings.Contains(v.Target, ":") {
		return "", "its path has a colon"
	}
	text = source + ":" + v.Target
	if v.ReadOnly {
		text += ":ro"
	}
	return text, ""
}
