package export

import (
	"fmt"
	"strings"
)

// dockerUpdate writes a command for each service. Memory and swap go together:
// the engine refuses a memory limit above the swap limit that a container has.
func dockerUpdate(b *strings.Builder, services []Service, container string) error {
	for i, s := range services {
		if i > 0 {
			b.WriteString("\n")
		}
		comment(b, serviceComment(s)...)
		if s.Replicas > 1 {
			comment(b, fmt.Sprintf("  Name each of the %d containers at the end of the line.", s.Replicas))
		}
		command := "docker update"
		if s.Memory > 0 {
			command += fmt.Sprintf(" --memory %[1]s --memory-swap %[1]s", s.Memory.Exact())
		}
		if s.CPUs > 0 {
			command += " --cpus " + s.CPUs.String()
		}
		if s.PIDs > 0 {
			command += fmt.Sprintf(" --pids-limit %d", s.PIDs)
		}
		fmt.Fprintf(b, "%s %s\n", command, containerName(s, container))
	}
	return nil
}

// containerName is the container of a service.
func containerName(s Service, container string) string {
	if container == "" {
		return s.Name
	}
	return container
}
