package plans

import "fmt"

// composeHelp says what to write for the words of a service in Compose that
// have another form here.
var composeHelp = map[string]string{
	"build":             `images are not built here: docker build -t NAME . first, then image = "NAME"`,
	"container_name":    "leave it out: every trial has a container of its own, named after the run",
	"depends_on":        "what the service needs must run already: leave it out, and ask for it in preflight",
	"deploy":            `write limits { memory = "500M" }; one container is run`,
	"entrypoint":        "the image keeps its entrypoint: write command for what follows it",
	"env_file":          `write environment = { NAME = "value" }; a secret comes by a variable with sensitive = true`,
	"extra_hosts":       "join the network that the other containers are in: networks = [\"NAME\"]",
	"external_links":    "join the network that the other containers are in: networks = [\"NAME\"]",
	"healthcheck":       `write ready { path = "/health" }`,
	"links":             "join the network that the other containers are in: networks = [\"NAME\"]",
	"mem_reservation":   `write limits { memory = "500M" }: a reservation limits nothing`,
	"mem_swappiness":    "leave it out: swap is never added",
	"memswap_limit":     "leave it out: swap is never added",
	"network_mode":      `write networks = ["NAME"], of a network made by docker network create NAME`,
	"pull_policy":       "leave it out: images are never pulled",
	"replicas":          "leave it out: one container is run",
	"scale":             "leave it out: one container is run",
	"stop_grace_period": "leave it out: a trial's container is removed after it",
	"stop_signal":       "leave it out: a trial's container is removed after it",
	"volumes":           "the language has no volumes yet: copy the files into the image (COPY in its Dockerfile)",
	"volumes_from":      "the language has no volumes yet: copy the files into the image (COPY in its Dockerfile)",
}

// composeOnly are words of a service in Compose that the language has nothing
// for.
var composeOnly = map[string]bool{
	"blkio_config": true, "cap_add": true, "cap_drop": true, "cgroup": true, "cgroup_parent": true, "configs": true, "cpuset": true,
	"devices": true, "dns": true, "domainname": true, "gpus": true, "hostname": true, "init": true, "ipc": true, "isolation": true,
	"labels": true, "logging": true, "mac_address": true, "oom_kill_disable": true, "oom_score_adj": true, "pid": true, "pids_limit": true,
	"platform": true, "privileged": true, "profiles": true, "read_only": true, "runtime": true, "secrets": true, "security_opt": true,
	"shm_size": true, "stdin_open": true, "sysctls": true, "tmpfs": true, "tty": true, "ulimits": true, "user": true, "working_dir": true,
}

// compose says what to write in a service for a word of Compose, "" for any
// other word.
func compose(b *block, name string) string {
	switch {
	case b.name != "service":
		return ""
	case composeOnly[name]:
		return fmt.Sprintf("the language has no %s yet: leave it out, or make it part of the image", name)
	}
	return composeHelp[name]
}
