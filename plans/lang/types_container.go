package lang

import (
	"fmt"
	"maps"
	"net"
	slash "path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/plans"
	"plan/plans/diag"
)

// What a container has besides its image, its command and its limits.
var (
	typeAliases = &attrType{name: "list of host names", takes: "a list of host names", example: `["db.internal"]`,
		want: cty.List(cty.String), convert: each("a host name", func(text string) (string, bool) {
			return text, hostName.MatchString(text)
		})}
	typeHosts = &attrType{name: "map of addresses", takes: "a map of " +
		"addresses", example: `{ "host.docker.internal" = "host-gateway" }`, want: cty.Map(cty.String), convert: mapped(func(host, address string) (wrong, should string) {
		// Docker takes an IP address, or host-gateway for the engine's machine.
		switch {
		case !hostName.MatchString(host):
			return host, "a host name"
		case address != "host-gateway" && net.ParseIP(address) == nil:
			return address, "an IP address, or host-gateway"
		}
		return "", ""
	})}
	typeFolder  = &attrType{name: "path inside", takes: "an absolute path", example: `"/srv/app"`, want: cty.String, convert: toFolder}
	typeTmpfs   = &attrType{name: "list of paths inside", takes: "a list of paths", example: `["/run"]`, want: cty.List(cty.String), convert: toTmpfs}
	typeUlimits = &attrType{name: "map of limits", takes: "a map of " +
		"limits", example: `{ nofile = 65536 }`, want: cty.Map(cty.String), convert: toUlimits}
	typeGPUs = &attrType{name: `whole number or "all"`, takes: "a number of GPUs", example: "1", want: cty.String, convert: toGPUs}
)

// hostName is a name that Docker's DNS takes: of services with underscores, too.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`)

func toFolder(k *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if !slash.IsAbs(text) {
		return nil, form(name, text, "an absolute path", k.example)
	}
	return slash.Clean(text), nil
}

// toTmpfs takes Compose's short texts: target[:options].
func toTmpfs(k *attrType, name string, v cty.Value) (any, *violation) {
	list := []plans.Tmpfs{}
	for _, e := range v.AsValueSlice() {
		target, options, _ := strings.Cut(e.AsString(), ":")
		t := plans.Tmpfs{Target: slash.Clean(target), Options: options}
		if !slash.IsAbs(target) || t.Target == "/" {
			return nil, form(name, e.AsString(), `an absolute path below "/", with or without :options`, k.example)
		}
		if slices.ContainsFunc(list, func(other plans.Tmpfs) bool { return other.Target == t.Target }) {
			return nil, wrong("P0420", "remove one of them", "%s mounts two file systems at %s", name, t.Target)
		}
		list = append(list, t)
	}
	return list, nil
}

// ulimitNames are those that Docker takes.
var ulimitNames = []string{
	"core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
}

func toUlimits(k *attrType, name string, v cty.Value) (any, *violation) {
	values, _ := toMap(k, name, v)
	texts := values.(map[string]string)
	list := []plans.Ulimit{}
	for _, limit := range slices.Sorted(maps.Keys(texts)) {
		if !slices.Contains(ulimitNames, limit) {
			return nil, wrong("P0420", diag.DidYouMean(limit, ulimitNames), "Docker has no ulimit %q", limit)
		}
		soft, hard, both := strings.Cut(texts[limit], ":")
		u := plans.Ulimit{Name: limit}
		var ok bool
		if u.Soft, ok = ulimit(soft); ok && both {
			u.Hard, ok = ulimit(hard)
		} else {
			u.Hard = u.Soft
		}
		if above := u.Hard != -1 && (u.Soft == -1 || u.Soft > u.Hard); !ok || above {
			return nil, form(name, texts[limit], fmt.Sprintf(`a limit of %s, which is a number, "soft:hard" with soft at most hard, or -1 for none`, limit), k.example)
		}
		list = append(list, u)
	}
	return list, nil
}

// ulimit reads one; -1 is none.
func ulimit(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= -1
}

// mostGPUs are more than a machine has.
const mostGPUs = 1000

func toGPUs(_ *attrType, name string, v cty.Value) (any, *violation) {
	text := v.AsString()
	if text == "all" {
		return plans.AllGPUs, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostGPUs {
		return nil, wrong("P0421", `write a number such as 1, or "all"; remove it if the service needs no GPU`,
			"%s must be a whole number from 1 to %d, or \"all\"", name, mostGPUs)
	}
	return n, nil
}
