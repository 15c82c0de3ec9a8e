package lang

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"plan/internal/english"
	"plan/plans/diag"
)

// unknown reports a word that the table does not know, and gives the word that
// was probably meant.
func (r *reader) unknown(n *node, name string, at hcl.Range, isBlock bool) (meant string) {
	where := "in " + n.address
	if n.block == planFile {
		where = "in a plan file"
	}
	meant, help := advise(n.block, name, isBlock)
	r.error("P0101", at, fmt.Sprintf("%q is not known %s", name, where), help)
	return meant
}

// advise finds what a word means here: the same word in another form, a
// synonym, the nearest word, or a word that belongs one block deeper.
func advise(b *block, name string, isBlock bool) (meant, help string) {
	// A block may be written as an attribute, or the other way round.
	if a, ok := b.attribute(name); ok && isBlock {
		return name, fmt.Sprintf("%s is an attribute: write %s", name, a.line())
	}
	if n := b.nested(name); n != nil && !isBlock {
		return name, fmt.Sprintf("%s is a block: write %s … }, without an equals sign", name, n.head())
	}
	help = cmp.Or(b.others[name], elsewhere[b.name][name])
	if b.others[name] == "" && b.name == "service" && (composeOnly[name] || unlimited[name]) {
		help = fmt.Sprintf("remove it: the language has no %s yet; make it part of the image instead", name)
	}
	if help != "" {
		// Another tool's word may stand for one of the block's.
		i := slices.IndexFunc(synonyms[name], func(word string) bool { return slices.Contains(b.words(), word) })
		if i < 0 {
			return "", help
		}
		return synonyms[name][i], help
	}
	for _, word := range append(append([]string{name}, synonyms[name]...), english.Near(name, b.words())) {
		if help := suggest(b, name, word); help != "" {
			return word, help
		}
	}
	for _, n := range b.blocks {
		if word := english.Near(name, n.words()); word != "" && !b.isFile() {
			return "", suggest(b, name, word)
		}
	}
	return "", diag.DidYouMean(name, b.words())
}

// suggest advises a word if it stands in the block or one block deeper.
func suggest(b *block, given, word string) string {
	if word == "" {
		return ""
	}
	if _, ok := b.attribute(word); ok || b.nested(word) != nil {
		return fmt.Sprintf("did you mean %q?", word)
	}
	for _, n := range b.blocks {
		if a, ok := n.attribute(word); ok && !b.isFile() {
			return fmt.Sprintf("write it in a block: %s %s }", n.head(), a.line())
		}
	}
	return ""
}
