package compose

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// tmpfs writes the file systems in memory, of `tmpfs` and of `volumes`.
func (w serviceWriter) tmpfs(p *page, s types.ServiceConfig) {
	texts := slices.Clone([]string(s.Tmpfs))
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeTmpfs {
			var options []string
			if t := v.Tmpfs; t != nil && t.Size > 0 {
				options = append(options, fmt.Sprintf("size=%d", t.Size))
			}
			if t := v.Tmpfs; t != nil && t.Mode > 0 {
				options = append(options, fmt.Sprintf("mode=%o", t.Mode))
			}
			text := v.Target
			if len(options) > 0 {
				text += ":" + strings.Join(options, ",")
			}
			texts = append(texts, text)
		}
	}
	mounted := map[string]bool{}
	for _, v := range s.Volumes {
		mounted[path.Clean(v.Target)] = v.Type != types.VolumeTypeTmpfs
	}
	var items []string
	for _, text := range texts {
		target, _, _ := strings.Cut(text, ":")
		switch clean := path.Clean(target); {
		case !path.IsAbs(target) || clean == "/":
			w.converter.note(s.Name, "tmpfs", target+" is left out: a plan mounts only at absolute paths below /")
		case mounted[clean]:
			w.converter.note(s.Name, "tmpfs", target+" is left out: another mount has this path")
		default:
			mounted[clean] = true
			items = append(items, quote(text))
		}
	}
	if len(items) > 0 {
		p.list("tmpfs", items)
	}
}

func (w serviceWriter) ulimits(p *page, s types.ServiceConfig) {
	var items []string
	for _, name := range slices.Sorted(maps.Keys(s.Ulimits)) {
		u := s.Ulimits[name]
		soft, hard := cmp.Or(u.Soft, u.Single), cmp.Or(u.Hard, u.Single)
		switch {
		case identifier(name) != name || soft < -1 || hard < -1 || hard != -1 && (soft == -1 || soft > hard):
			w.converter.note(s.Name, "ulimits", fmt.Sprintf("%s is left out: Docker has no such ulimit", name))
		case soft == hard:
			items = append(items, fmt.Sprintf("%s = %d", name, soft))
		default:
			items = append(items, fmt.Sprintf("%s = %s", name, quote(fmt.Sprintf("%d:%d", soft, hard))))
		}
	}
	if len(items) > 0 {
		p.line("ulimits = { %s }", strings.Join(items, ", "))
	}
}

// gpus writes how many GPUs a service gets; which ones, a plan cannot say.
func (w serviceWriter) gpus(p *page, s types.ServiceConfig) {
	word, requests := "gpus", s.Gpus
	if d := s.Deploy; requests == nil && d != nil && d.Resources.Reservations != nil {
		word, requests = "deploy.resources.reservations.devices", d.Resources.Reservations.Devices
	}
	count, asked := 0, false
	for _, r := range requests {
		switch {
		case len(r.Capabilities) > 0 && !slices.Contains(r.Capabilities, "gpu") ||
			!slices.Contains([]string{"", "nvidia"}, r.Driver):
			w.converter.note(s.Name, word, "a plan has no devices except GPUs of NVIDIA")
			continue
		case len(r.IDs) > 0:
			w.converter.note(s.Name, word, "a plan sets the number of GPUs, and the engine picks them")
		case len(r.Options) > 0:
			w.converter.note(s.Name, word, "the options of the driver are left out")
		}
		count, asked = count+max(int(r.Count), len(r.IDs)), true
	}
	switch {
	case asked && count > 0:
		p.line("gpus = %s", strconv.Itoa(count))
	case asked: // neither how many nor which
		p.line(`gpus = "all"`)
	}
}
