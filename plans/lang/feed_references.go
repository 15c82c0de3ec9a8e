package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"plan/internal/english"
)

// feedReference checks a reference to a feed, which only some places of its
// own scenario can have.
func (e *evaluator) feedReference(t hcl.Traversal, names []string) bool {
	switch {
	case e.feeds == nil:
		var words []string // attributes that values of feeds can stand in
		scenarioBlock.each(func(b *block) {
			for _, a := range b.attributes {
				if a.fed && !slices.Contains(words, a.name) {
					words = append(words, a.name)
				}
			}
		})
		e.diags.error("P0428", t.SourceRange(), strings.Join(names,
			".")+" differs from request to request, so it is not possible here", "use it in "+english.Or(words)+" of the scenario that has the feed")
		return false
	case len(names) < 2:
		e.diags.error("P0202", t.SourceRange(), "incomplete reference: feed", e.feeds.help(""))
		return false
	case e.program.guessed["feed."+names[1]]:
		return false
	case e.feeds.values[names[1]] == cty.NilVal:
		e.diags.error("P0203", nameRange(t), fmt.Sprintf("feed.%s is not declared in %s", names[1], e.feeds.scenario), e.feeds.help(names[1]))
		return false
	case len(t) > 3:
		e.diags.error("P0428", t.SourceRange(), "a reference to a feed ends with the name of the column",
			"write "+strings.Join(names[:min(len(names), 3)], "."))
		return false
	}
	return e.members(t[2:], e.feeds.values[names[1]].Type(), "feed."+names[1])
}

// help says which feeds there are, or how to declare one.
func (f *feeds) help(name string) string {
	if near := english.Near(name, f.names); near != "" {
		return fmt.Sprintf("did you mean feed.%s?", near)
	}
	if len(f.names) > 0 {
		return "write a column of a feed of the scenario: feed." + strings.Join(f.names, ", feed.")
	}
	return fmt.Sprintf("declare it there: %s file = %q }", strings.Replace(feedBlock.head(), `"name"`, fmt.Sprintf("%q", name), 1), name+".csv")
}

// plainly checks that values of feeds are only put somewhere in an expression:
// nothing can be computed with what is another value for each request.
func (e *evaluator) plainly(expr hclsyntax.Expression) bool {
	var inside []hclsyntax.Expression
	switch x := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return true
	case *hclsyntax.TemplateExpr:
		inside = x.Parts
	case *hclsyntax.TemplateWrapExpr:
		inside = append(inside, x.Wrapped)
	case *hclsyntax.ParenthesesExpr:
		inside = append(inside, x.Expression)
	case *hclsyntax.TupleConsExpr:
		inside = x.Exprs
	case *hclsyntax.ObjectConsExpr:
		for _, item := range x.Items {
			if !e.withoutFeeds(item.KeyExpr) || !e.plainly(item.ValueExpr) {
				return false
			}
		}
		return true
	case *hclsyntax.ConditionalExpr:
		return e.withoutFeeds(x.Condition) && e.plainly(x.TrueResult) && e.plainly(x.FalseResult)
	case *hclsyntax.FunctionCallExpr:
		if !slices.Contains(joining, x.Name) {
			return e.withoutFeeds(expr)
		}
		inside = x.Args
	default:
		return e.withoutFeeds(expr)
	}
	return !slices.ContainsFunc(inside, func(x hclsyntax.Expression) bool { return !e.plainly(x) })
}

// joining are functions that put things together and leave texts as they are.
var joining = []string{"concat", "merge"}

func (e *evaluator) withoutFeeds(expr hclsyntax.Expression) bool {
	for _, t := range expr.Variables() {
		if t.RootName() == "feed" {
			e.diags.error("P0428", t.SourceRange(),
				fmt.Sprintf("expressions cannot compute with %s: it differs from request to request", strings.Join(path(t),
					".")), `write it unchanged into a string, a list or an object: "/items/${feed.items.id}"`)
			return false
		}
	}
	return true
}

// marked says whether a text or a name in a value has characters that holes
// are marked with.
func marked(v cty.Value) bool {
	v, _ = v.UnmarkDeep()
	found := false
	_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		switch {
		case v.IsNull() || !v.IsKnown():
		case v.Type() == cty.String:
			found = found || reserved(v.AsString())
		case named(v.Type()):
			for name := range v.AsValueMap() {
				found = found || reserved(name)
			}
		}
		return !found, nil
	})
	return found
}
