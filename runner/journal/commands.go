package journal

import (
	"plan/internal/shellword"
	"plan/plans"
)

// Platform is the cluster of a run, as options of the command name it.
type Platform struct {
	Name       string `json:"name"`              // kubernetes
	Context    string `json:"context,omitempty"` // of the kubeconfig; "" was its current one
	Namespace  string `json:"namespace,omitempty"`
	AgentImage string `json:"agent_image,omitempty"`
}

// Title is what runs the containers, for people.
func (p *Platform) Title() string {
	if p == nil {
		return "Docker Engine"
	}
	return "Kubernetes"
}

// PlatformOf returns the cluster of a plan; nil for Docker.
func PlatformOf(p *plans.Platform) *Platform {
	if p == nil {
		return nil
	}
	return &Platform{Name: p.Name, Context: p.Context, Namespace: p.Namespace, AgentImage: p.AgentImage}
}

// options returns where the run is as options of plan clean; "" for Docker.
func (p *Platform) options() (text string) {
	if p == nil {
		return ""
	}
	for _, o := range []struct{ name, value string }{
		{"platform", p.Name}, {"context", p.Context}, {"namespace", p.Namespace},
	} {
		if o.value != "" {
			text += " --" + o.name + " " + shellword.Quote(o.value)
		}
	}
	return text
}

// CleanCommand returns the command line that removes what the run left.
func (h Header) CleanCommand() string { return "plan clean " + h.ID + h.Platform.options() }

// ResumeCommand returns the command line that resumes the run, without the variables of
// its plan.
func (r Run) ResumeCommand() string {
	command := "plan run " + shellword.Quote(r.Plan.File) + " --resume=" + r.Run.ID + r.Run.Platform.options()
	if p := r.Run.Platform; p != nil && p.AgentImage != "" {
		command += " --agent-image " + shellword.Quote(p.AgentImage)
	}
	return command
}
