package main

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// mutant is one change of one file. File, Function and Change identify it, also
// after edits of other lines.
type mutant struct {
	Group    string // of the summary
	File     string // from the root of the module, with slashes
	Function string // or the name of a constant or variable
	Change   string // before → after, as source text
	Line     int
	tests    []string // packages whose tests have to detect it

	source *source
	offset int // of the replaced text
	end    int
	text   string // the replacement
	kind   kind
	number string // if it is joined; else original
}

// longestChange is the maximum length of source text that shows a change, in
// bytes.
const longestChange = 60

// finder collects the mutants of one file.
type finder struct {
	*source
	path     string // from the root of the module
	text     string
	function string
	stack    []ast.Node
	found    []mutant
}

// named iterates over the functions, constants and variables of a file.
func named(file *ast.File) iter.Seq2[string, ast.Node] {
	return func(yield func(string, ast.Node) bool) {
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil { // a method: with its type
					receiver := d.Recv.List[0].Type
					if star, is := receiver.(*ast.StarExpr); is {
						receiver = star.X
					}
					if typed, is := receiver.(*ast.Ident); is {
						name = typed.Name + "." + name
					}
				}
				if !yield(name, d) {
					return
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if value, is := spec.(*ast.ValueSpec); is && !yield(value.Names[0].Name, value) {
						return
					}
				}
			}
		}
	}
}

func (f *finder) visit(node ast.Node) bool {
	if node == nil {
		f.stack = f.stack[:len(f.stack)-1]
		return true
	}
	switch n := node.(type) {
	case *ast.BinaryExpr:
		for _, other := range operators[n.Op] {
			f.replace(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other.String(), node)
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.replace(n.OpPos, n.X.Pos(), "", node)
		}
	case *ast.BasicLit:
		if other := f.otherNumber(n); other != "" {
			f.replace(n.Pos(), n.End(), other, node)
		}
	case *ast.Ident:
		if other := f.otherName(n); other != "" {
			f.replace(n.Pos(), n.End(), other, node)
		}
	}
	f.stack = append(f.stack, node)
	return true
}

// operators lists the replacements of each operator: its boundary and its
// opposite.
var operators = map[token.Token][]token.Token{
	token.EQL:  {token.NEQ},
	token.NEQ:  {token.EQL},
	token.LSS:  {token.LEQ, token.GEQ},
	token.LEQ:  {token.LSS, token.GTR},
	token.GTR:  {token.GEQ, token.LEQ},
	token.GEQ:  {token.GTR, token.LSS},
	token.LAND: {token.LOR},
	token.LOR:  {token.LAND},
}

// otherNumber returns the number after n; for a duration its double; "" for
// text.
func (f *finder) otherNumber(n *ast.BasicLit) string {
	switch n.Kind {
	case token.INT:
		value, err := strconv.ParseInt(n.Value, 0, 64)
		if err != nil {
			return ""
		}
		if named, is := f.info.TypeOf(n).(*types.Named); is && named.String() == "time.Duration" && value > 0 {
			return strconv.FormatInt(2*value, 10)
		}
		return strconv.FormatInt(value+1, 10)
	case token.FLOAT:
		value, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			return ""
		}
		return strconv.FormatFloat(value+1, 'g', -1, 64)
	}
	return ""
}

// otherName returns another constant of the same type and file: the next
// declared one, or the first after the last. It returns "" without one, for
// names that are not constants of the module, and for a unit that is a factor.
func (f *finder) otherName(n *ast.Ident) string {
	constant, is := f.info.Uses[n].(*types.Const)
	if !is {
		return ""
	}
	switch constant {
	case types.Universe.Lookup("true"):
		return "false"
	case types.Universe.Lookup("false"):
		return "true"
	}
	if constant.Pkg() == nil || f.factor(n) {
		return ""
	}
	if imported := constant.Pkg().Path(); imported != f.module && !strings.HasPrefix(imported, f.module+"/") {
		return "" // it is not of the module
	}
	var others []*types.Const // that can replace it, in the order of their declaration
	scope := constant.Pkg().Scope()
	for _, name := range scope.Names() {
		other, is := scope.Lookup(name).(*types.Const)
		if is && types.Identical(other.Type(), constant.Type()) && other.Val().ExactString() != constant.Val().ExactString() &&
			(other.Exported() || constant.Pkg() == f.pkg) &&
			f.set.Position(other.Pos()).Filename == f.set.Position(constant.Pos()).Filename {
			others = append(others, other)
		}
	}
	if len(others) == 0 {
		return ""
	}
	slices.SortFunc(others, func(a, b *types.Const) int { return cmp.Compare(f.line(a), f.line(b)) })
	i := slices.IndexFunc(others, func(other *types.Const) bool { return f.line(other) > f.line(constant) })
	return others[max(i, 0)].Name()
}

// factor reports whether a name is part of a product or a sum.
func (f *finder) factor(n *ast.Ident) bool {
	for _, above := range slices.Backward(f.stack) {
		switch above := above.(type) {
		case *ast.SelectorExpr:
		case *ast.BinaryExpr:
			return operators[above.Op] == nil
		default:
			return false
		}
	}
	return false
}

func (f *finder) line(of types.Object) int { return f.set.Position(of.Pos()).Line }

// replace adds a mutant with other text between two positions. It shows the largest
// expression or simple statement around the node that is short and on one line.
func (f *finder) replace(from, to token.Pos, text string, node ast.Node) {
	start, end := f.offset(from), f.offset(to)
	first, last := f.offset(node.Pos()), f.offset(node.End())
around:
	for _, above := range slices.Backward(f.stack) {
		switch above.(type) {
		case ast.Expr, *ast.ReturnStmt, *ast.AssignStmt, *ast.ExprStmt, *ast.ValueSpec:
		default:
			break around
		}
		from, to := f.offset(above.Pos()), f.offset(above.End())
		if to-from > longestChange || strings.Contains(f.text[from:to], "\n") {
			break
		}
		first, last = from, to
	}
	f.found = append(f.found, mutant{
		source: f.source, File: f.path, Function: f.function, Line: f.set.Position(from).Line, offset: start, end: end, text: text,
		Change: changeText(f.text[first:last], f.text[first:start]+text+f.text[end:last]),
	})
}

// changeText returns a change as text on one line.
func changeText(before, after string) string {
	return strings.Join(strings.Fields(before), " ") + " → " + strings.Join(strings.Fields(after), " ")
}
