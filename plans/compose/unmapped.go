package compose

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// mappedWords are the words of a service, besides limits, that other files of this
// package turn into something, or speak of themselves.
var mappedWords = map[string]bool{
	"build": true, "command": true, "depends_on": true, "deploy.replicas": true, "env_file": true,
	"environment": true, "expose": true,
	"extends": true, "healthcheck": true, "image": true, "links": true, "network_mode": true, "networks": true,
	"ports":    true,
	"profiles": true, "pull_policy": true, "restart": true, "scale": true, "user": true, "volumes": true,
	"configs": true, "secrets": true, "container_name": true, "hostname": true, "extra_hosts": true,
	"entrypoint": true, "working_dir": true, "tmpfs": true, "shm_size": true, "ulimits": true, "gpus": true,
	"deploy.resources.reservations.devices": true,
}

// isMapped reports whether a word of a service is turned into something.
func isMapped(word string) bool { return mappedWords[word] || slices.Contains(limitWords, word) }

// Reasons that more than one word has.
const (
	unlabelled    = "a plan sets its own labels only"
	unbuilt       = "a plan has no such attribute"
	unneeded      = "a run does not need it"
	byName        = "containers find each other by the names of their services"
	noSwap        = "containers get no swap"
	noRestart     = "a restart would hide that the container was killed"
	noReservation = "a reservation is not a limit"
	scheduling    = "containers run on one engine, each with its limits"
	copyIt        = "a plan has none; mount the file with volumes, or make it part of the image"
)

// reasons say why a word of a service that is no limit is left out; `deploy` is
// told by its parts.
var reasons = map[string]string{
	"annotations": unlabelled, "labels": unlabelled, "label_file": unlabelled, "deploy.labels": unlabelled,
	"attach": unneeded, "develop": unneeded, "tty": unneeded, "stdin_open": unneeded, "logging": unneeded,
	"log_driver": unneeded, "log_opt": unneeded,
	"stop_grace_period": "a container is removed after its trial", "stop_signal": "a container is removed after its trial",
	"credential_spec": copyIt, "volumes_from": "write the volumes themselves",
	"runtime":               "a plan has no other runtime; for GPUs, write gpus",
	"deploy.restart_policy": noRestart, "deploy.mode": scheduling, "deploy.placement": scheduling,
	"deploy.update_config": scheduling, "deploy.rollback_config": scheduling, "deploy.endpoint_mode": scheduling,
	"dns": byName, "dns_opt": byName, "dns_search": byName, "domainname": byName, "external_links": byName,
	"mac_address": byName,
	"privileged":  "containers have the default capabilities of Docker",
	"cap_add":     "containers have the default capabilities of Docker",
	"devices":     "a plan has no devices",
	"pre_start":   "a run starts only the service", "post_start": "a run starts only the service",
	"pre_stop": "a container is removed after its trial",
}

// noteUnmapped notes every word of a service that has no place in a plan. None is
// dropped without a word.
func (w serviceWriter) noteUnmapped(s types.ServiceConfig) {
	said := s
	said.Environment = nil // whatever is in it is no affair of this list
	text, err := yaml.Marshal(said)
	var model map[string]any
	if err != nil || yaml.Unmarshal(text, &model) != nil {
		model = nil
	}
	for _, word := range slices.Sorted(maps.Keys(flatten("", model))) { // deploy by its parts
		if !isMapped(word) && !strings.HasPrefix(word, "x-") {
			w.converter.note(s.Name, word, "left out: "+cmp.Or(reasons[word], unlimited[word], unbuilt))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.DependsOn)) {
		if w.converter.labels[name] == "" { // why stands at the service
			w.converter.note(s.Name, "depends_on", name+" is not in the plan")
		}
	}
}

// flatten names what is in a model; only `deploy` and its resources are opened.
func flatten(before string, model map[string]any) map[string]bool {
	names := map[string]bool{}
	for word, value := range model {
		name := before + word
		inside, isMap := value.(map[string]any)
		opened := name == "deploy" || strings.HasPrefix(name, "deploy.resources") && strings.Count(name, ".") < 3
		if isMap && opened {
			maps.Copy(names, flatten(name+".", inside))
		} else if value != nil {
			names[name] = true
		}
	}
	return names
}
