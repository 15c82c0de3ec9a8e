package platform

import (
	"fmt"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/oneof"
	"plan/plans"
)

// AddFlags adds the flags that override the block platform of a plan.
func AddFlags(cmd *cobra.Command) {
	cmd.Flags().String("platform", "", "docker or kubernetes (default: that of the plan, else docker)")
	oneof.Complete(cmd, "platform", "docker", plans.Kubernetes)
	cmd.Flags().String("context", "", "context of the kubeconfig, with kubernetes")
	cmd.Flags().String("namespace", "", "namespace, with kubernetes")
	cmd.Flags().String("agent-image", "",
		"with kubernetes: image of plan for the agent, in a registry that the nodes can pull from")
}

// Chosen returns the platform that flags choose over that of a plan; nil is Docker.
func Chosen(cmd *cobra.Command, planned *plans.Platform) (*plans.Platform, error) {
	if cmd.Flags().Lookup("platform") == nil {
		return planned, nil
	}
	name, _ := cmd.Flags().GetString("platform")
	var chosen *plans.Platform
	switch {
	case name == "" && planned == nil, name == "docker":
	case name == "", name == plans.Kubernetes:
		chosen = &plans.Platform{Name: plans.Kubernetes}
		if planned != nil {
			of := *planned
			chosen = &of
		}
	default:
		return nil, fmt.Errorf("--platform %q is not known: write docker or kubernetes", name)
	}
	for flag, set := range map[string]func(string){
		"context":     func(v string) { chosen.Context = v },
		"namespace":   func(v string) { chosen.Namespace = v },
		"agent-image": func(v string) { chosen.AgentImage = v },
	} {
		value, _ := cmd.Flags().GetString(flag)
		switch {
		case value == "":
		case chosen == nil:
			return nil, fmt.Errorf("--%s needs --platform kubernetes", flag)
		default:
			set(value)
		}
	}
	return chosen, nil
}
