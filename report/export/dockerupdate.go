package export

import (
	"cmp"
	"fmt"
	"strings"
)

// dockerUpdate writes a command for each service.
func dockerUpdate(b *strings.Builder, services []Service, container string) error {
	for i, s := range services {
		if i > 0 {
			b.WriteString("\n")
		}
		comment(b, serviceComment(s)...)
		if s.Replicas > 1 {
			comment(b, fmt.Sprintf("  Name each of the %d containers at the end of the line.", s.Replicas))
		}
		b.WriteString("docker update")
		if s.Memory > 0 { // with swap: the engine refuses a memory limit above the swap limit that a container has
			fmt.Fprintf(b, " --memory %[1]s --memory-swap %[1]s", s.Memory.Exact())
		}
		if s.CPUs > 0 {
			fmt.Fprintf(b, " --cpus %s", s.CPUs)
		}
		if s.PIDs > 0 {
			fmt.Fprintf(b, " --pids-limit %d", s.PIDs)
		}
		fmt.Fprintf(b, " %s\n", cmp.Or(container, s.Name))
	}
	return nil
}
