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
		fmt.Fprintf(b, "docker update%s %s\n", s.updateFlags(), cmp.Or(container, s.Name))
	}
	return nil
}
