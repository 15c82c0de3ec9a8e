package docker

import (
	"errors"
	"fmt"
	"regexp"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// startRule is a message of the engine after a failed create or start, and what it
// means.
type startRule struct {
	pattern *regexp.Regexp
	kind    containers.Kind
	summary string // $1 is the pattern's first group
	help    string
}

var startRules = []startRule{
	{regexp.MustCompile(`Bind for (\S+) failed: port is already allocated`), containers.PortInUse,
		"the host's port $1 is in use by another container",
		"choose another port, or stop that container: `docker ps` lists it"},
	{regexp.MustCompile(`listen (?:tcp|udp)\S* (\S+): bind: address already in use`), containers.PortInUse,
		"the host's port $1 is in use by a process", "choose another port, or stop the program that listens there"},
	{regexp.MustCompile(`failed to bind host port (?:for )?(\S+?):? .*address already in use`), containers.PortInUse,
		"the host's port $1 is in use", "choose another port, or stop the program that listens there"},
	{regexp.MustCompile(`container name "/?([^"]+)" is already in use`), containers.NameInUse,
		"a container named $1 already exists", "remove it: `docker rm -f $1`"},
	{regexp.MustCompile(`network (\S+) not found`), containers.NoNetwork,
		"the network $1 is not on the engine", "correct its name: `docker network ls` lists those of the engine"},
	{regexp.MustCompile(`No such image: (\S+)`), containers.NoImage,
		"the image $1 is not on the engine", "build it, or `docker pull $1`"},
	{regexp.MustCompile(`exec: "([^"]*)".*executable file not found`), containers.CannotStart,
		"the command $1 does not exist in the image (127)", "correct the service's command, or PATH of the image"},
	{regexp.MustCompile(`exec: "([^"]*)".*no such file or directory`), containers.CannotStart,
		"the command $1 does not exist in the image (127)",
		"correct the service's command, or the first line of the script"},
	{regexp.MustCompile(`exec: "([^"]*)".*permission denied`), containers.CannotStart,
		"the command $1 is not executable (126)", "make it executable in the image: chmod +x"},
	{regexp.MustCompile(`exec: "([^"]*)".*exec format error|(exec format error)`), containers.CannotStart,
		"the command $1 is not for this machine's processor (126)", "build the image for the engine's platform"},
	{regexp.MustCompile(`exec: "([^"]*)": is a directory`), containers.CannotStart,
		"the command $1 is a folder (126)", "correct the service's command"},
	{regexp.MustCompile(`No command specified`), containers.CannotStart,
		"neither the service nor its image names a command", "give the service a command"},
	{regexp.MustCompile(`unable to find (user|group) (\S+): no matching entries`), containers.CannotStart,
		"the image has no $1 $2", "name one of the image's /etc/passwd and /etc/group, or give numbers: UID:GID"},
	{regexp.MustCompile(`bind source path does not exist: (.+)`), containers.CannotStart,
		"$1 is not on the engine's machine, and a volume is bound to it", "create it, or write a volume instead of a path"},
	{regexp.MustCompile(`Duplicate mount point: (.+)`), containers.CannotStart,
		"two volumes are mounted at $1", "mount one of them elsewhere"},
	{regexp.MustCompile(`Range of CPUs is from (\S+) to (\S+),`), containers.CannotStart,
		"the engine gives a container from $1 to $2 CPUs", "write a limit in this range"},
	{regexp.MustCompile(`cpu\.cfs_quota_us: invalid argument`), containers.CannotStart,
		"the CPU limit is too small for the kernel", "write at least 0.01"},
	{regexp.MustCompile(`could not select device driver`), containers.CannotStart,
		"the engine has no runtime for GPUs",
		"install nvidia-container-toolkit on the engine's machine, and check it with `docker run --rm --gpus all ubuntu nvidia-smi`"},
	{regexp.MustCompile(`nvidia-container-cli: .*unknown device`), containers.CannotStart,
		"the engine's machine has fewer GPUs than the service asks for",
		"write fewer GPUs: `nvidia-smi` on that machine lists them"},
	{regexp.MustCompile(`(?i)minimum memory limit allowed is (\S+)`), containers.CannotStart,
		"the engine gives a container no less than $1 of memory", "write a higher limit"},
}

// startError wraps an error of create or start by the first rule that matches; else
// its kind is CannotStart.
func (d *Docker) startError(name string, err error) error {
	if err == nil {
		return nil
	}
	text := apierror.Message(err)
	for _, rule := range startRules {
		found := rule.pattern.FindStringSubmatchIndex(text)
		if found == nil {
			continue
		}
		return &containers.Error{
			Kind:    rule.kind,
			Summary: string(rule.pattern.ExpandString(nil, rule.summary, text, found)),
			Help:    string(rule.pattern.ExpandString(nil, rule.help, text, found)),
			Err:     err,
		}
	}
	fault := d.errs.Wrap(fmt.Sprintf("the container %s cannot be started", name), err)
	var known *containers.Error
	if errors.As(fault, &known) && known.Kind == containers.Other {
		known.Kind = containers.CannotStart
	}
	return fault
}
