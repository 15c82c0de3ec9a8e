package export

import (
	"cmp"
	"fmt"
	"strings"

	"plan/plans"
)

// deployment is a strategic merge patch of one: lists are merged by name.
type deployment struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   metadata `yaml:"metadata"`
	Spec       struct {
		Replicas int `yaml:"replicas,omitempty"`
		Template struct {
			Spec struct {
				Containers []podContainer `yaml:"containers"`
			} `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

type metadata struct {
	Name string `yaml:"name"`
}

type podContainer struct {
	Name      string    `yaml:"name"`
	Resources resources `yaml:"resources"`
}

// resources asks for as much as it allows: what was proved is that the service
// runs on all of it.
type resources struct {
	Requests podLimits `yaml:"requests"`
	Limits   podLimits `yaml:"limits"`
}

// kubernetes writes a patch for each service, of a deployment with its name.
func kubernetes(b *strings.Builder, services []Service, container string) error {
	for i, s := range services {
		if i > 0 {
			b.WriteString("---\n")
		}
		comment(b, serviceComment(s)...)
		for _, d := range plans.Dimensions() {
			if why := d.PodHas(); why != "" && s.Get(d) != 0 {
				comment(b, "  Without "+d.Text(s.Get(d))+": "+why+".")
			}
		}
		comment(b, "", fmt.Sprintf("The Deployment %s must exist. Its image, selector and labels stay as they are.", s.Name),
			"If it has another name, change metadata.name; --container NAME names its container.")
		if len(services) == 1 {
			comment(b, fmt.Sprintf("kubectl patch deployment %s --patch-file THIS_FILE", s.Name))
		} else if i == 0 {
			comment(b, "kubectl patch takes one Deployment: --service NAME writes its file. Kustomize takes this one.")
		}
		if err := document(b, patch(s, container)); err != nil {
			return err
		}
	}
	return nil
}

func patch(s Service, container string) deployment {
	d := deployment{APIVersion: "apps/v1", Kind: "Deployment", Metadata: metadata{s.Name}}
	if s.Replicas > 1 {
		d.Spec.Replicas = s.Replicas
	}
	limits := s.podLimits()
	d.Spec.Template.Spec.Containers = []podContainer{{Name: cmp.Or(container, s.Name),
		Resources: resources{limits, limits}}}
	return d
}
