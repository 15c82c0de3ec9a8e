package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"plan/internal/english"
	"plan/quick"
)

// partialOptions are the options that have no effect on some kinds of targets, with the kinds on which they have one.
var partialOptions = []struct {
	option string
	kinds  []quick.Kind
}{
	{"service", []quick.Kind{quick.Compose}},
	{"env-file", []quick.Kind{quick.Compose}},
	{"port", []quick.Kind{quick.Compose, quick.Image}},
	{"ready", []quick.Kind{quick.Compose, quick.Image}},
	{"report", []quick.Kind{quick.Compose, quick.Image}},
	{"force", []quick.Kind{quick.Compose, quick.Image}},
	{"wait", []quick.Kind{quick.Compose, quick.Image}},
	{"progress", []quick.Kind{quick.Compose, quick.Image}},
	{"yes-load", []quick.Kind{quick.Address}},
}

// refuseOptions returns an error for an option that has no effect on a target of this kind.
func refuseOptions(cmd *cobra.Command, kind quick.Kind) error {
	for _, p := range partialOptions {
		if cmd.Flags().Changed(p.option) && !slices.Contains(p.kinds, kind) {
			var names []string
			for _, k := range p.kinds {
				names = append(names, k.Article())
			}
			return fmt.Errorf("--%s has no effect on %s, only on %s: leave it out", p.option, kind.Article(),
				english.Or(names))
		}
	}
	return nil
}
