package compose

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
			why = "a plan mounts only at absolute paths below /"
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
	items = append(items, w.secretFiles(s)...)
	if len(items) > 0 {
		p.list("volumes", items)
	}
}

// secretFiles are the files of secrets and configs, mounted where Compose mounts them.
func (w serviceWriter) secretFiles(s types.ServiceConfig) (items []string) {
	mount := func(word, file, source, target, folder string) {
		target = cmp.Or(target, source)
		if !path.IsAbs(target) {
			target = path.Join(folder, target)
		}
		if file == "" || strings.Contains(file+target, ":") {
			w.converter.note(s.Name, word, source+" is left out: "+copyIt)
			return
		}
		items = append(items, quote(w.converter.besidePlan(file)+":"+target+":ro"))
	}
	for _, x := range s.Secrets {
		mount("secrets", w.converter.project.Secrets[x.Source].File, x.Source, x.Target, "/run/secrets")
	}
	for _, x := range s.Configs {
		mount("configs", w.converter.project.Configs[x.Source].File, x.Source, x.Target, "/")
	}
	return items
}

// source writes what is mounted as Compose's short form has it, or says why it
// cannot be.
func (w serviceWriter) source(service string, v types.ServiceVolumeConfig) (text, why string) {
	switch {
	case v.Type == types.VolumeTypeBind:
		text := w.folder(service, v.Source)
		if _, err := os.Stat(v.Source); errors.Is(err, fs.ErrNotExist) {
			v.Source = filepath.Base(v.Source)
			w.converter.note(service, "volumes",
				fmt.Sprintf("%s does not exist here, and a run does not create it: create it before the run, with %s",
					text, stored("", v)))
		}
		return text, ""
	case v.Type != types.VolumeTypeVolume:
		return "", "a plan mounts only volumes, files and folders of the host, not " + v.Type
	case v.Source == "":
		return "", "it is an anonymous volume, and every trial has a new container"
	case v.Volume != nil && v.Volume.Subpath != "":
		return "", "a plan mounts only whole volumes"
	}
	return w.volume(service, v), ""
}

// volume is a volume of the engine, by its name there. A run writes only to volumes of
// its own. One that Compose binds to a folder is that folder.
func (w serviceWriter) volume(service string, v types.ServiceVolumeConfig) string {
	volume := w.converter.project.Volumes[v.Source]
	device, options := volume.DriverOpts["device"], strings.Split(volume.DriverOpts["o"], ",")
	if filepath.IsAbs(device) && slices.Contains(options, "bind") {
		beside, err := filepath.Rel(w.converter.project.WorkingDir, device)
		if err != nil || !filepath.IsLocal(beside) { // not beside the Compose file
			return device
		}
		return w.converter.besidePlan(device)
	}
	if len(volume.DriverOpts) > 0 || volume.Driver != "" && volume.Driver != "local" {
		w.converter.note(service, "volumes",
			volume.Name+": its driver and driver_opts are left out: create it before the run, as Compose does")
	}
	project, use := w.converter.project, ""
	if !v.ReadOnly {
		use = "the run uses a copy, of at most 2 GiB, and never writes to it; "
	}
	w.converter.note(service, "volumes", fmt.Sprintf("%s: %sif the engine does not have it, it is empty, without %s",
		volume.Name, use, stored(project.tool(project.AllServices()[service]).name, v)))
	return volume.Name
}

// keeps is what software keeps in its volumes, by the first letters of the tool's name.
var keeps = []struct{ tool, what string }{
	{"minio", "its buckets"}, {"localstack", "its buckets"}, {"mlflow", "its runs and models"}, {"post", "its databases"},
	{"pgvector", "its databases"}, {"timescale", "its databases"}, {"my", "its databases"}, {"maria", "its databases"},
	{"mongo", "its databases"}, {"redis", "its keys"}, {"valkey", "its keys"}, {"rabbitmq", "its queues"},
	{"kafka", "its topics"}, {"qdrant", "its collections"}, {"milvus", "its collections"}, {"weaviate", "its collections"},
	{"chroma", "its collections"}, {"registry", "its images"},
}

// stored is what a service that runs a tool probably expects in a volume.
func stored(tool string, v types.ServiceVolumeConfig) string {
	for _, k := range keeps {
		if strings.HasPrefix(tool, k.tool) {
			return k.what
		}
	}
	for _, word := range append(words(v.Source), strings.Split(strings.ToLower(v.Target), "/")...) {
		switch {
		case strings.HasPrefix(word, "model"), strings.Contains(word,
			"huggingface"), word == "mlruns", word == "artifacts", word == "weights":
			return "a model that the stack has there"
		case strings.Contains(word, "data"), strings.Contains(word, "db"):
			return "data that the stack has there"
		}
	}
	return "files that the stack has there"
}

// folder is a path of the host: relative to the plan if the Compose file has it
// relative to itself, or if it lies beside that.
func (w serviceWriter) folder(service, source string) string {
	beside, err := filepath.Rel(w.converter.project.WorkingDir, source)
	if err != nil {
		return source
	}
	// The path may stand in the file by a way that begins at the file's folder.
	model := w.converter.project.written.service(service)
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
	return w.converter.besidePlan(source)
}
