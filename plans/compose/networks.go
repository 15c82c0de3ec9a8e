package compose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// ownNetworks makes networks the project's own that one of its files creates, and another
// one calls external: it is written to run beside the first.
func (s *project) ownNetworks(files []types.ConfigFile) {
	for _, key := range slices.Sorted(maps.Keys(s.Networks)) {
		n := s.Networks[key]
		if !bool(n.External) {
			continue
		}
		for _, file := range files {
			var model struct {
				Networks map[string]struct {
					Name     string
					External any
				}
			}
			if yaml.Unmarshal(file.Content, &model) != nil {
				continue
			}
			own, declared := model.Networks[key]
			if (declared && (own.External == nil || own.External == false) || !declared && key == "default") &&
				n.Name == cmp.Or(own.Name, s.Name+"_"+key) {
				n.External = false
				s.Networks[key], s.created = n, append(s.created, key)
				break
			}
		}
	}
}

// usedNetworks are the networks that the services of the plan join, by Compose's
// names for them. Where all of them would be on the project's default network
// alone, the run makes one, and none is named.
func (c *converter) usedNetworks() []string {
	keys := map[string]bool{}
	for service := range c.labels {
		for key := range c.project.Services[service].Networks {
			keys[key] = true
		}
	}
	if len(keys) == 1 && keys["default"] && !bool(c.project.Networks["default"].External) {
		return nil
	}
	// Nobody is met on the default network where one service of the plan at most is
	// on it, and on another one too.
	if n := c.project.Networks["default"]; keys["default"] && !bool(n.External) {
		on, only := 0, false
		for service := range c.labels {
			networks := c.project.Services[service].Networks
			if _, joins := networks["default"]; joins {
				on, only = on+1, only || len(networks) == 1
			}
		}
		if on <= 1 && !only {
			delete(keys, "default")
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// networkLabel is the name of a network's block.
func (c *converter) networkLabel(key string) string {
	return labels(slices.Sorted(maps.Keys(c.project.Networks)))[key]
}

// networks writes the networks of the plan.
func (c *converter) networks(p *page) {
	for _, key := range c.usedNetworks() {
		n := c.project.Networks[key]
		p.open("network " + quote(c.networkLabel(key)))
		if bool(n.External) {
			p.line("name = %s", quote(n.Name))
			p.line("external = true # must exist: the run neither creates nor removes it")
		} else {
			// Not Compose's own network, which exists while the project is up.
			own := identifier(c.project.Name) + "-plan-" + c.networkLabel(key)
			p.line("name = %s # created for the run and removed after it", quote(own))
			if slices.Contains(c.project.created, key) {
				c.note("", "networks."+key,
					"one of the files creates it, and another one calls it external: the run creates its own")
			}
			var words []string
			for word, there := range map[string]bool{
				"driver": n.Driver != "" && n.Driver != "bridge", "driver_opts": len(n.DriverOpts) > 0, "internal": n.Internal,
				"ipam": len(n.Ipam.Config) > 0 || n.Ipam.Driver != "", "enable_ipv6": n.EnableIPv6 != nil && *n.EnableIPv6,
			} {
				if there {
					words = append(words, word)
				}
			}
			slices.Sort(words)
			if len(words) > 0 {
				c.note("", "networks."+key, strings.Join(words, ", ")+": the run creates a plain bridge network")
			}
		}
		p.close()
	}
}

// serviceNetworks writes which networks a service joins.
func (c *converter) serviceNetworks(p *page, s types.ServiceConfig) {
	if s.NetworkMode != "" {
		c.note(s.Name, "network_mode",
			fmt.Sprintf("%q is left out: containers find each other by name on the network of the run", s.NetworkMode))
	}
	declared := c.usedNetworks()
	keys := s.NetworksByPriority()
	if len(keys) == 0 {
		keys = declared // on the host's network it would find them all
	}
	var items []string
	for _, key := range keys {
		if slices.Contains(declared, key) {
			items = append(items, "network."+c.networkLabel(key))
		}
		if n := s.Networks[key]; n != nil && (n.Ipv4Address != "" || n.Ipv6Address != "") {
			c.note(s.Name, "networks."+key,
				"a fixed address is left out: every trial has a new container; environments and commands have the name instead")
		}
	}
	if len(items) > 0 {
		p.list("networks", items)
	}
}
