package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// mutant is one change of one file. File, Function and Change name it, also
// after other lines of the file were edited.
type mutant struct {
	Group    string // of the summary
	File     string // from the root of the module, with slashes
	Function string // or the constant or variable that is declared
	Change   string // before → after, as source text
	Line     int
	tests    []string // packages whose tests are to notice it

	source *source
	offset int // of what is replaced
	end    int
	text   string // that replaces it
	kind   kind
	number string // of one that is joined; else original
}

// longestChange is how much source text, in bytes, shows where a change is.
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

// mutantsOf are the mutants of those declarations of a file that want chooses,
// in the order of the file.
func (s *source) mutantsOf(i int, want func(name string) bool) []mutant {
	f := &finder{source: s, path: s.paths[i], text: s.texts[i]}
	for name, node := range named(s.files[i]) {
		if want(name) {
			f.function = name
			ast.Inspect(node, f.visit)
		}
	}
	numbered(f.found)
	return f.found
}

// named gives the functions, constants and variables that a file declares.
func named(file *ast.File) iter.Seq2[string, ast.Node] {
	return func(yield func(string, ast.Node) bool) {
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if !yield(functionName(d), d) {
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

// functionName is that of a function, or of a method with its type before it.
func functionName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	receiver := d.Recv.List[0].Type
	if star, is := receiver.(*ast.StarExpr); is {
		receiver = star.X
	}
	if typed, is := receiver.(*ast.Ident); is {
		return typed.Name + "." + d.Name.Name
	}
	return d.Name.Name
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

// operators are what each operator becomes: at its boundary, and the opposite.
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

// otherNumber is the number after n; of a duration its double. "" for text.
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

// otherName is another constant of the same type and file: the next one that
// is declared, or the first after the last. "" where there is none, for what is
// not a constant of the module, and for a unit that is a factor.
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
	if constant.Pkg() == nil || !f.ours(constant.Pkg().Path()) || f.factor(n) {
		return ""
	}
	others := f.constantsLike(constant)
	if len(others) == 0 {
		return ""
	}
	i := slices.IndexFunc(others, func(other *types.Const) bool { return f.line(other) > f.line(constant) })
	return others[max(i, 0)].Name()
}

// factor says whether a name is a part of a product or a sum.
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

// constantsLike are the other constants that may stand where one does, in the
// order of their declaration.
func (f *finder) constantsLike(one *types.Const) []*types.Const {
	var others []*types.Const
	scope := one.Pkg().Scope()
	for _, name := range scope.Names() {
		other, is := scope.Lookup(name).(*types.Const)
		if is && types.Identical(other.Type(), one.Type()) && other.Val().ExactString() != one.Val().ExactString() &&
			(other.Exported() || one.Pkg() == f.pkg) && f.set.Position(other.Pos()).Filename == f.set.Position(one.Pos()).Filename {
			others = append(others, other)
		}
	}
	slices.SortFunc(others, func(a, b *types.Const) int { return cmp.Compare(f.line(a), f.line(b)) })
	return others
}

func (f *finder) line(of types.Object) int { return f.set.Position(of.Pos()).Line }

// replace keeps a mutant that has other text between two positions.
func (f *finder) replace(from, to token.Pos, text string, node ast.Node) {
	start, end := f.offset(from), f.offset(to)
	first, last := f.surroundings(node)
	f.found = append(f.found, mutant{
		source: f.source, File: f.path, Function: f.function, Line: f.set.Position(from).Line, offset: start, end: end, text: text,
		Change: changeText(f.text[first:last], f.text[first:start]+text+f.text[end:last]),
	})
}

// surroundings is the largest expression or plain statement around a node that
// is short and in one line.
func (f *finder) surroundings(node ast.Node) (first, last int) {
	first, last = f.offset(node.Pos()), f.offset(node.End())
	for _, above := range slices.Backward(f.stack) {
		switch above.(type) {
		case ast.Expr, *ast.ReturnStmt, *ast.AssignStmt, *ast.ExprStmt, *ast.ValueSpec:
		default:
			return first, last
		}
		from, to := f.offset(above.Pos()), f.offset(above.End())
		if to-from > longestChange || strings.Contains(f.text[from:to], "\n") {
			return first, last
		}
		first, last = from, to
	}
	return first, last
}

// changeText is how a change is written, on one line.
func changeText(before, after string) string {
	return strings.Join(strings.Fields(before), " ") + " → " + strings.Join(strings.Fields(after), " ")
}

// numbered tells changes of one function that read the same apart.
func numbered(found []mutant) {
	times := map[[2]string]int{}
	for i, m := range found {
		key := [2]string{m.Function, m.Change}
		if times[key]++; times[key] > 1 {
			found[i].Change += fmt.Sprintf(" (%d)", times[key])
		}
	}
}
