package plans

import (
	"maps"
	"slices"
	"strings"

	"plan/internal/english"
)

// searchedKind is the kind of a dimension that a search can vary; nil of any
// other word.
func searchedKind(label string) *kind {
	if row := Dimension(label).row(); row.search != nil {
		return row.kind
	}
	return nil
}

// kindNames are what the kinds of the searchable dimensions are called.
func kindNames() []string {
	var names []string
	for _, d := range Searchable() {
		names = append(names, d.row().kind.name)
	}
	return names
}

// namesOf writes each dimension between two marks.
func namesOf(list []Dimension, mark string) []string {
	var names []string
	for _, d := range list {
		names = append(names, mark+string(d)+mark)
	}
	return names
}

// membersDoc lists the members of found and recommended.
func membersDoc() string {
	var list []string
	for _, d := range Searchable() {
		members := d.row().search.members(0)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			text := "`" + name + "`"
			if members[name].Type().FriendlyName() == "string" {
				text += " as text"
			}
			list = append(list, text)
		}
	}
	return strings.Join(list, ", ")
}

// marginDoc says of what more is recommended than was found.
func marginDoc() string {
	var nouns []string
	for _, d := range Searchable() {
		if d.Margin() {
			nouns = append(nouns, d.Noun())
		}
	}
	return "How much more " + english.Or(nouns) + " than `found` is recommended, up to the grid and at most `to`. One short trial is made there. Other dimensions are recommended as found."
}

// unsettable says where the limits stand that no stage can set.
func unsettable() map[string]string {
	words := map[string]string{}
	for _, row := range dimensions {
		if !slices.Contains(row.in, "set") {
			words[row.name] = "no stage can set it: it stands in limits of the service"
		}
	}
	return words
}

// ofDimensions adds the words that other tools have for dimensions.
func ofDimensions(words map[string][]string) map[string][]string {
	for _, row := range dimensions {
		for _, word := range row.words {
			words[word] = append(words[word], row.name)
		}
	}
	return words
}
