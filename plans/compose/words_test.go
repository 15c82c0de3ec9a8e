package compose

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/units"
	"plan/plans/diag"
	"plan/plans/lang"
)

// stackFile has a service to which a word is added, and what words refer to.
const stackFile = `
services:
  api:
    image: team/api:1
    %s
  db:
    image: postgres:16
    networks: [apart]
networks: {apart: {}, shared: {external: true}}
volumes: {data: {}}
configs: {c: {file: ./c}}
secrets: {s: {file: ./s}}
models: {m: {model: ai/smollm2}}
`

// values give every word of a service a value that says something; "" where
// Compose's own schema takes none.
var values = map[string]string{
	"annotations": "{a: b}", "attach": "false", "blkio_config": "{weight: 300}", "build": ".", "cap_add": "[ALL]", "cap_drop": "[ALL]",
	"cgroup": "host", "cgroup_parent": "m", "command": "run it", "configs": "[c]", "container_name": "named", "cpu_count": "2",
	"cpu_percent": "50", "cpu_period": "50000", "cpu_quota": "50000", "cpu_rt_period": "100", "cpu_rt_runtime": "100", "cpu_shares": "512",
	"cpus": "0.5", "cpuset": "0-1", "credential_spec": "{file: c.json}", "depends_on": "[db]", "develop": "{watch: [{path: ., action: rebuild}]}",
	"device_cgroup_rules": "['c 1:3 mr']", "devices": "[/dev/null]", "dns": "8.8.8.8", "dns_opt": "[use-vc]", "dns_search": "example.org",
	"dockerfile": "", "domainname": "example.org", "entrypoint": "run it", "env_file": "env", "environment": "{A: b}", "expose": "[9000]",
	"extends": "{service: db}", "external_links": "[redis]", "extra_hosts": "['a:1.2.3.4']", "gpus": "all", "group_add": "[mail]",
	"healthcheck": "{test: 'curl -f http://localhost:8000/up'}", "hostname": "h", "image": "team/api:2", "init": "true", "ipc": "host",
	"isolation": "default", "label_file": "labels", "labels": "{a: b}", "links": "[db]", "log_driver": "", "log_opt": "", "logging": "{driver: json-file}",
	"mac_address": "'02:42:ac:11:65:43'", "mem_limit": "300m", "mem_reservation": "100m", "mem_swappiness": "10", "memswap_limit": "1g",
	"models": "[m]", "net": "", "network_mode": "host", "networks": "[shared]", "oom_kill_disable": "true", "oom_score_adj": "100", "pid": "host",
	"pids_limit": "200", "platform": "linux/amd64", "ports": "['9000:9000']", "post_start": "[{command: run it}]", "pre_start": "[{command: run it, image: a}]",
	"pre_stop": "[{command: run it}]", "privileged": "true", "profiles": "[x]", "provider": "{type: cloud}", "pull_policy": "always",
	"pull_refresh_after": "24h", "read_only": "true", "restart": `"no"`, "runtime": "runc", "scale": "3", "secrets": "[s]",
	"security_opt": "['label:user:U']", "shm_size": "1g", "stdin_open": "true", "stop_grace_period": "1m", "stop_signal": "SIGINT",
	"storage_opt": "{size: 1G}", "sysctls": "{net.core.somaxconn: 1024}", "tmpfs": "/run", "tty": "true", "ulimits": "{nofile: 100}", "umask": "18",
	"use_api_socket": "true", "user": "root", "userns_mode": "host", "uts": "host", "volume_driver": "", "volumes": "['data:/data']",
	"volumes_from": "['container:other']", "working_dir": "/w",
	"deploy.endpoint_mode": "vip", "deploy.labels": "{a: b}", "deploy.mode": "replicated", "deploy.placement": "{constraints: [disktype=ssd]}",
	"deploy.replicas": "3", "deploy.restart_policy": "{condition: any}", "deploy.rollback_config": "{parallelism: 1}", "deploy.update_config": "{parallelism: 1}",
	"deploy.resources.limits.cpus": "'0.5'", "deploy.resources.limits.memory": "300M", "deploy.resources.limits.pids": "200",
	"deploy.resources.limits.devices": "", "deploy.resources.limits.generic_resources": "",
	"deploy.resources.reservations.cpus": "'0.5'", "deploy.resources.reservations.memory": "100M", "deploy.resources.reservations.pids": "",
	"deploy.resources.reservations.devices":           "[{capabilities: [gpu]}]",
	"deploy.resources.reservations.generic_resources": "[{discrete_resource_spec: {kind: gpu, value: 2}}]",
}

// companions are what a word says nothing without.
var companions = map[string]string{"cpu_period": "cpu_quota: 50000"}

// silent are the words of which there is nothing to say.
var silent = map[string]string{"profiles": "the service that is searched is there, whatever its profile"}

// Whatever a service says in Compose is written into the plan, or a note says
// why not; never both, and never neither. The plan language and the manual say
// the same of it.
func TestEveryWordOfAService(t *testing.T) {
	known := map[string]bool{}
	eachWord("", reflect.TypeFor[types.ServiceConfig](), known)
	for word := range values {
		if !known[word] {
			t.Errorf("Compose has no %s", word)
		}
	}
	for _, word := range slices.Sorted(maps.Keys(known)) {
		t.Run(word, func(t *testing.T) {
			value, listed := values[word]
			if !listed {
				t.Fatal("Compose has this word: give it a value here")
			}
			plain, _, err := converted(t, companions[word])
			if err != nil {
				t.Fatal(err)
			}
			text, notes, err := converted(t, companions[word]+"\n    "+nested(word, cmp.Or(value, "x")))
			if refused := err != nil; refused != (value == "") {
				t.Fatalf("Compose refuses it: %v", err)
			}
			if value != "" {
				holds(t, word, text != plain, notes)
			}
		})
	}
}

// holds what became of a word to what is said of it.
func holds(t *testing.T, word string, written bool, notes []Note) {
	t.Helper()
	left := slices.ContainsFunc(notes, func(n Note) bool { return n.Text == cmp.Or(reasons[word], unbuilt) })
	switch {
	case mappedWords[word] && reasons[word] != "":
		t.Errorf("it is taken, and has a reason to be left out: %s", reasons[word])
	case written && left:
		t.Errorf("it is written, and explained as left out: %v", notes)
	case !written && len(notes) == 0 && silent[word] == "":
		t.Error("it is left out without a word")
	}
	if written {
		manual, err := os.ReadFile("../../docs/compose.md")
		if err != nil {
			t.Fatal(err)
		}
		if !mentions(string(manual), word) {
			t.Error("it is written, and docs/compose.md does not say so")
		}
		if help := adviceOn(t, word); strings.Contains(help, "the language has no") || strings.HasPrefix(help, "known here") {
			t.Errorf("it is written; of somebody who writes it in a plan himself is said: %s", help)
		}
	}
	own := strings.TrimSuffix(word[strings.LastIndex(word, ".")+1:], "_limit")
	if left && !strings.Contains(word, "reservations") && adviceOn(t, own) == "" {
		t.Errorf("it is left out, and the language has %s", own)
	}
}

// adviceOn is what the plan language says of a word in a service and of one in
// its limits; "" where one of them knows it.
func adviceOn(t *testing.T, word string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.hcl")
	advice := ""
	for _, form := range []string{"service \"x\" {\n  limits {\n    %s = 1\n  }\n}\n", "service \"x\" {\n  %s = 1\n}\n"} {
		if err := os.WriteFile(file, fmt.Appendf(nil, form, word[strings.LastIndex(word, ".")+1:]), 0o644); err != nil {
			t.Fatal(err)
		}
		_, diags := lang.Load(file, lang.Options{})
		i := slices.IndexFunc(diags, func(d diag.Diagnostic) bool { return d.Code == "P0101" })
		if i < 0 {
			return ""
		}
		advice = diags[i].Help
	}
	return advice
}

// eachWord collects the words that a type has in YAML; of deploy and its
// resources the parts, as flatten names them.
func eachWord(before string, typ reflect.Type, into map[string]bool) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		below := f.Type
		if below.Kind() == reflect.Pointer {
			below = below.Elem()
		}
		switch {
		case name == "#extensions" || name == "-" || before+name == "name":
		case strings.Contains(options, "inline"):
			eachWord(before, below, into)
		case slices.Contains([]string{"deploy", "deploy.resources", "deploy.resources.limits", "deploy.resources.reservations"}, before+name):
			eachWord(before+name+".", below, into)
		default:
			into[before+name] = true
		}
	}
}

// nested writes a word with a value, `deploy.mode` as a map in a map.
func nested(word, value string) string {
	first, rest, inside := strings.Cut(word, ".")
	if !inside {
		return word + ": " + value
	}
	return first + ": {" + nested(rest, value) + "}"
}

var comment = regexp.MustCompile(`(?m)\s*#.*$`)

// converted is the plan, without its comments, of a service that says one thing
// more, and what is noted of it.
func converted(t *testing.T, line string) (string, []Note, error) {
	t.Helper()
	folder := t.TempDir()
	file := fmt.Sprintf(stackFile, line)
	if strings.Contains(line, "image: team") {
		file = strings.Replace(file, "image: team/api:1\n", "\n", 1)
	}
	for name, text := range map[string]string{"compose.yaml": file, "env": "A=b", "labels": "a=b", "c": "", "s": "", "c.json": "{}"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	draft, err := Convert(t.Context(), Options{
		Files: []string{filepath.Join(folder, "compose.yaml")}, Environ: []string{"COMPOSE_PROJECT_NAME=stack"}, Service: "api",
		Output: filepath.Join(folder, "plan.hcl"), HostMemory: 24 * units.GiB,
	})
	if err != nil {
		return "", nil, err
	}
	notes := slices.DeleteFunc(draft.Notes, func(n Note) bool { return n.Service != "api" })
	return comment.ReplaceAllString(string(draft.Text), ""), notes, nil
}

// mentions reports whether a manual speaks of a word, or of all that begins with a
// part of it.
func mentions(manual, word string) bool {
	for {
		if strings.Contains(manual, "`"+word) {
			return true
		}
		last := strings.LastIndex(word, ".")
		if last < 0 {
			return false
		}
		word = word[:last]
	}
}
