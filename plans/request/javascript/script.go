package javascript

import (
	"errors"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// Script is a script whose expressions can be computed.
type Script struct {
	AST *js.AST

	declared    map[string]js.IExpr // what names are declared with, by name
	environment func(name string) string
	lookups     int // of names, one inside of the other
}

// Parse reads a script. The value of __ENV.NAME is the text that environment returns for
// NAME. It begins with a NUL character, which says that the value is not known: where a
// script has a default for it, the value is the default.
func Parse(content []byte, environment func(name string) string) (*Script, error) {
	ast, err := js.Parse(parse.NewInputBytes(content), js.Options{})
	if err != nil {
		return nil, errors.New("it is not JavaScript: " + strings.SplitN(err.Error(), "\n", 2)[0])
	}
	s := &Script{AST: ast, declared: map[string]js.IExpr{}, environment: environment}
	js.Walk(declarations{s}, ast)
	return s, nil
}

// declarations finds the names that are declared with a value.
type declarations struct{ script *Script }

func (d declarations) Enter(n js.INode) js.IVisitor {
	if decl, is := n.(*js.VarDecl); is {
		for _, element := range decl.List {
			if v, is := element.Binding.(*js.Var); is && element.Default != nil {
				d.script.declared[string(v.Name())] = element.Default
			}
		}
	}
	return d
}

func (declarations) Exit(js.INode) {}

// Name returns the name behind a dot, or the text of a literal; "" of other expressions.
func Name(expr js.IExpr) string {
	switch v := expr.(type) {
	case js.LiteralExpr:
		return string(v.Data)
	case *js.LiteralExpr:
		return string(v.Data)
	case *js.Var:
		return string(v.Name())
	}
	return ""
}

// Text returns an expression as it stands in the script, shortened, for people.
func Text(expr js.INode) string {
	if expr == nil {
		return "which is missing"
	}
	var b strings.Builder
	expr.JS(&b)
	text := strings.Join(strings.Fields(b.String()), " ")
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return text
}
