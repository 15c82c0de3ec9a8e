package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"plan/internal/metrics"
	"plan/plans/diag"
)

// Reference is the reference of the language in Markdown: all of it made from
// the schema table, the functions and the codes.
func Reference() string {
	var b strings.Builder
	b.WriteString("## Blocks\n")
	shown := map[*block]string{}
	for _, n := range planFile.blocks {
		n.reference(&b, "###", "", shown)
	}
	typesReference(&b)
	functionsReference(&b)
	trialReference(&b)
	codesReference(&b)
	return b.String()
}

// reference writes a block, its attributes as a table, and the blocks in it.
// What stands in several blocks is shown once.
func (b *block) reference(w *strings.Builder, level, parent string, shown map[*block]string) {
	title := strings.TrimSpace(parent + " " + strings.TrimSuffix(b.head(), " {"))
	if first := shown[b]; first != "" {
		fmt.Fprintf(w, "\n%s `%s`\n\nAs `%s`.\n", level, title, first)
		return
	}
	shown[b] = title
	fmt.Fprintf(w, "\n%s `%s`\n\n%s%s%s\n", level, title, b.doc, b.number(), b.likeness(shown))
	if b.like != nil {
		return
	}
	b.rows(w)
	for _, a := range b.attributes {
		if a.typ.each != nil {
			fmt.Fprintf(w, "\nEach object in `%s` has:\n", a.name)
			a.typ.each.rows(w)
		}
	}
	for _, n := range b.blocks {
		n.reference(w, "####", strings.TrimSpace(parent+" "+b.name), shown)
	}
}

// likeness says what a block that is like another one has.
func (b *block) likeness(shown map[*block]string) string {
	if b.like == nil {
		return ""
	}
	lacks := slices.DeleteFunc(b.like.words(), func(word string) bool { return slices.Contains(b.words(), word) })
	return fmt.Sprintf(" It has the attributes and blocks of `%s`, except `%s`.", shown[b.like], strings.Join(lacks, "`, `"))
}

// rows writes the attributes of a block as a table, and which of them exclude
// each other.
func (b *block) rows(w *strings.Builder) {
	for i, a := range b.attributes {
		if i == 0 {
			w.WriteString("\n| attribute | takes | default | meaning |\n|---|---|---|---|\n")
		}
		fmt.Fprintf(w, "| `%s` | %s | %s | %s |\n", a.name, cell(a.typ.name), cell(a.standard()), cell(a.doc))
	}
	for _, c := range b.choices {
		fmt.Fprintf(w, "\n"+c.sentence()+"\n", strings.Join(c.names, "`, `"))
	}
}

// number says how many of the block there may be.
func (b *block) number() string {
	switch {
	case b.needed && b.most == 1:
		return " Required, once."
	case b.needed:
		return " At least one is required."
	case b.most == 1:
		return " At most one."
	}
	return ""
}

// sentence says how many of a choice there may be; its names are to be put in.
func (c choice) sentence() string {
	switch {
	case c.several:
		return "At least one of `%s` is required."
	case c.needed:
		return "Exactly one of `%s` is required."
	}
	return "At most one of `%s` is possible."
}

// standard is the default of an attribute in words.
func (a attribute) standard() string {
	switch {
	case a.needed:
		return "required"
	case a.otherwise != "":
		return a.otherwise
	case a.fallback.IsWhollyKnown() && !a.fallback.IsNull():
		return "`" + string(hclwrite.TokensForValue(a.fallback).Bytes()) + "`"
	}
	return "none"
}

// cell keeps a text from ending its cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// typesReference explains the quantities.
func typesReference(w *strings.Builder) {
	w.WriteString("\n## Quantities\n\n| kind | example | meaning |\n|---|---|---|\n")
	for _, k := range append([]*attrType{typeThink, typeArrivals}, quantities...) {
		fmt.Fprintf(w, "| %s | `%s` | %s |\n", k.name, k.example, cell(k.reads))
	}
}

func functionsReference(w *strings.Builder) {
	w.WriteString("\n## Functions\n\nAll functions are pure: they depend only on their arguments.\n\n| function | result |\n|---|---|\n")
	for _, f := range ownFunctions {
		fmt.Fprintf(w, "| `%s` | %s |\n", f.call, f.doc)
	}
	fmt.Fprintf(w, "\nAlso, as in Terraform: `%s`.\n", strings.Join(commonFunctions(), "`, `"))
}

// ownFunctions are those that other tools do not have.
var ownFunctions = []struct{ call, doc string }{
	{`bytes("1.5G")`, "a size as a number of bytes"},
	{`seconds("2m30s")`, "a duration as a number of seconds"},
	{`between("1s", "3s")`, "a think time, uniformly random between two durations"},
	{`exponential("2s")`, "a think time, exponentially random with this mean"},
	{`poisson("50/s")`, "an arrival rate with random, not evenly spaced, requests"},
	{`env("NAME")`, "a variable of the environment, empty if it is not set; only in the default of a variable"},
	{`env("NAME", "./.env")`, "the same, or else the variable of a file of environment variables, relative to the plan's folder; if neither has it, the variable of the plan has no value"},
	{`env("db.NAME", "./compose.yaml")`, "the variable NAME in `environment` of the service db of a Compose file"},
	{"can(expression)", "whether the expression has a value; null counts as none"},
	{"try(expression, …)", "the first of the expressions that has a value; null counts as none"},
}

// commonFunctions lists the names of all other functions.
func commonFunctions() []string {
	return slices.DeleteFunc(functionNames(), func(name string) bool {
		return slices.ContainsFunc(ownFunctions, func(f struct{ call, doc string }) bool { return strings.HasPrefix(f.call, name+"(") })
	})
}

func trialReference(w *strings.Builder) {
	fmt.Fprint(w, "\n## Values of a trial in an assertion\n\nAll values are numbers: bytes, CPUs, seconds, shares from 0 to 1, counts. An unknown value is null, and a condition that needs it fails.\n\n")
	fmt.Fprint(w, "`trial.memory`, `trial.cpus` and `trial.replicas` are the limits of the trial. Its metrics are:\n\n| name | unit | of | meaning |\n|---|---|---|---|\n")
	for _, m := range metrics.All() {
		fmt.Fprintf(w, "| `trial.%s` | %s | %s | %s |\n", m.Name, m.Unit, measured(m), m.Doc)
	}
}

// measured says which trials have a metric.
func measured(m metrics.Metric) string {
	switch {
	case !m.Load:
		return "every trial"
	case m.Name == "users" || m.Locust != "":
		return "a trial with a load"
	}
	return "a trial whose load is not Locust's"
}

func codesReference(w *strings.Builder) {
	w.WriteString("\n## Codes\n\n`plan explain CODE` prints the details of a code.\n\n| code | meaning |\n|---|---|\n")
	for _, x := range diag.Explanations() {
		fmt.Fprintf(w, "| %s | %s |\n", x.Code, cell(x.Title))
	}
}
