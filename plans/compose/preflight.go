package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/secret"
)

// preflights asks, before the first stage, for what the services name in their
// environment and the plan does not start: it must be there already, on a
// network that exists already.
func (c *converter) preflights(p *page) {
	asked := map[string]bool{}
	for _, s := range c.all() {
		network := c.external(s)
		for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
			value := s.Environment[name]
			if network == "" || value == nil || secret.Pair(name, *value) {
				continue
			}
			for _, u := range urls(*value) {
				target := fmt.Sprintf("%s:%d", u.host, u.port)
				if u.secret || u.port == 0 || u.host == "localhost" || strings.ContainsAny(u.host, ".:${}") || asked[target] {
					continue
				}
				if c.labels[c.project.find(s, u.host)] != "" {
					continue // the plan starts it
				}
				asked[target] = true
				c.preflight(p, network, name, s.Name, u.host, target, len(asked))
			}
		}
	}
}

func (c *converter) preflight(p *page, network, name, service, host, target string, count int) {
	label := identifier(host)
	if count > 1 && strings.Contains(p.String(), "preflight "+quote(label)+" {") {
		label = identifier(strings.ReplaceAll(target, ":", "-"))
	}
	p.comment(fmt.Sprintf("%s of %s leads to this endpoint: it must already run.", name, service))
	p.open("preflight " + quote(label))
	p.line("network = network.%s", c.networkLabel(network))
	p.line("tcp = %s", quote(target))
	p.close()
}

// external is the first external network of a service.
func (c *converter) external(s types.ServiceConfig) string {
	for _, key := range s.NetworksByPriority() {
		if bool(c.project.Networks[key].External) {
			return key
		}
	}
	return ""
}
