package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"plan/internal/envfile"
	"plan/plans/diag"
)

// variableInput is a value from outside of the plan, as text or as an expression.
type variableInput struct {
	text   string
	expr   hcl.Expression // of a file; nil for a text
	origin string         // "--var users", "PLAN_VAR_users" or the file's name
	at     hcl.Range      // in the file; for a text it names only the origin
}

// inputs collects what is given for the variables, the strongest last.
func (l *loader) inputs() map[string]variableInput {
	values := map[string]variableInput{}
	for _, n := range l.program.root.all("variable") {
		if text, ok := envfile.Lookup(l.options.Environ, "PLAN_VAR_"+n.label); ok {
			values[n.label] = textInput(text, "PLAN_VAR_"+n.label)
		}
	}
	for _, file := range l.options.VarFiles {
		source, err := readSource(file)
		if err != nil {
			l.unread = true
			l.diags.error("P0002", hcl.Range{Filename: file}, err.Error(), "")
			continue
		}
		attrs, ok := l.attributes(source, file)
		if !ok {
			l.unread = true
			continue
		}
		for name, a := range attrs {
			if l.variable(name) == nil {
				l.undeclared(name, a.NameRange)
				continue
			}
			values[name] = variableInput{expr: a.Expr, origin: file, at: a.Expr.Range()}
			if l.sensitive[name] {
				blank(l.diags.sources[file], a.Expr.Range())
			}
		}
	}
	for _, arg := range l.options.Vars {
		name, text, ok := strings.Cut(arg, "=")
		g := textInput(text, "--var "+name)
		switch n := l.variable(name); {
		case !ok:
			l.diags.error("P0212", hcl.Range{Filename: "--var"}, "--var takes name=value", "write --var 'users=[10, 50]'")
		case n == nil:
			l.undeclared(name, g.at)
		default:
			values[name] = g
			if l.sensitive[name] {
				d := l.diags.warning("P0209", n.header,
					fmt.Sprintf("var.%s is sensitive, but --var sets it: every user of this machine can read arguments", name), "")
				d.Help = fmt.Sprintf("set PLAN_VAR_%s in the environment, or use --var-file", name)
			}
		}
	}
	return values
}

func textInput(text, origin string) variableInput {
	return variableInput{text: text, origin: origin, at: hcl.Range{Filename: origin}}
}

// attributes reads a file of values. What is shown of it in diagnostics is a
// copy, in which secrets can be blanked; nothing is shown when it cannot be
// told where they stand.
func (l *loader) attributes(source []byte, file string) (hcl.Attributes, bool) {
	if !l.diags.legible(source, file) {
		return nil, false
	}
	text := source
	if len(l.sensitive) == 0 {
		l.diags.sources[file] = source
		text = l.diags.quantities(source, file)
	}
	parsed, diags := hclsyntax.ParseConfig(text, file, hcl.InitialPos)
	if !diags.HasErrors() {
		l.diags.sources[file] = slices.Clone(source)
	}
	l.diags.syntax(diags, file, source)
	if diags.HasErrors() {
		return nil, false
	}
	attrs, diags := parsed.Body.JustAttributes()
	l.diags.syntax(diags, file, source)
	return attrs, true
}

// blank writes asterisks over a range.
func blank(source []byte, r hcl.Range) {
	for i := r.Start.Byte; i < r.End.Byte && i < len(source); i++ {
		if source[i] != '\n' {
			source[i] = '*'
		}
	}
}

func (l *loader) undeclared(name string, at hcl.Range) {
	help := fmt.Sprintf("declare it: variable %q { }", name)
	var names []string
	for _, n := range l.program.root.all("variable") {
		names = append(names, n.label)
	}
	if len(names) > 0 {
		help = diag.DidYouMean(name, names)
	}
	l.diags.error("P0211", at, fmt.Sprintf("the plan declares no variable %q", name), help)
}

func (l *loader) variable(name string) *node {
	if e := l.program.index["var."+name]; e != nil {
		return e.node
	}
	return nil
}

// maxSource is the largest file that is read, in bytes: plans are written by
// people.
const maxSource = 256 << 10

func readSource(file string) ([]byte, error) { return readFile(file, maxSource) }
