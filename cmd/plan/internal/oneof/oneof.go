// Package oneof reads flags whose value is one of some words. It knows nothing of what
// the words mean.
package oneof

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"plan/internal/english"
)

// Complete registers the words that complete a flag.
func Complete(cmd *cobra.Command, flag string, words ...string) {
	offers := cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	_ = cmd.RegisterFlagCompletionFunc(flag, offers) // the flag is there
}

// Index returns the index of a flag's value among the known words.
func Index(cmd *cobra.Command, flag string, known []string) (int, error) {
	given, _ := cmd.Flags().GetString(flag)
	i := slices.Index(known, given)
	switch {
	case i >= 0:
		return i, nil
	case given == "":
		return 0, fmt.Errorf("--%s is missing: write %s", flag, english.Or(known))
	}
	return 0, Unknown(flag, given, given, known, known)
}

// Unknown returns the error of a flag's unknown value, with the most similar word and
// all forms.
func Unknown(flag, given, word string, words, forms []string) error {
	help := "write " + english.Or(forms)
	if near := english.Near(word, words); near != "" && near != word {
		help = fmt.Sprintf("did you mean %q? %s", near, help)
	}
	return fmt.Errorf("--%s %q is not known: %s", flag, given, help)
}
