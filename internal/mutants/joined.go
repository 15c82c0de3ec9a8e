package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Compiling takes far longer than testing. Mutants of function bodies are
// therefore compiled together: each is a copy of its function, and a dispatcher
// with the function's name calls the copy that the environment selects, or the
// original.

// choice is the environment variable with the number of a mutant.
const choice = "MUTANT"

// chooser is a file that each package gets.
const chooser = `package %s

import "os"

var mutantChosen = os.Getenv("` + choice + `")
`

// original is the number that selects no mutant.
const original = "0"

// kind defines how a mutant is compiled.
type kind int

const (
	single   kind = iota // alone, because it changes a declaration
	together             // with all others of this kind
	illegal              // not at all: it is not valid Go
)

// sorted sets how each mutant is compiled.
func sorted(all []mutant) []mutant {
	for i, m := range all {
		all[i].number = original
		s := m.source
		file, err := parser.ParseFile(s.set, m.File, m.applied(), parser.SkipObjectResolution)
		if err == nil {
			files := slices.Clone(s.files)
			files[slices.Index(s.paths, m.File)] = file
			config := types.Config{Importer: s.imports}
			_, err = config.Check(s.pkg.Path(), s.set, files, nil)
		}
		switch {
		case err != nil: // it is not valid Go
			all[i].kind = illegal
		case s.body(m) != nil:
			all[i].kind, all[i].number = together, strconv.Itoa(i+1)
		}
	}
	return all
}

// body returns the function whose body a mutant changes; nil if it changes a
// declaration, or a function with type parameters.
func (s *source) body(m mutant) *ast.FuncDecl {
	for _, decl := range s.files[slices.Index(s.paths, m.File)].Decls {
		f, is := decl.(*ast.FuncDecl)
		if !is || f.Body == nil || m.offset < s.offset(f.Body.Pos()) || s.offset(f.Body.End()) < m.end {
			continue
		}
		generic := f.Type.TypeParams != nil
		if f.Recv != nil {
			ast.Inspect(f.Recv, func(n ast.Node) bool {
				switch n.(type) {
				case *ast.IndexExpr, *ast.IndexListExpr:
					generic = true
				}
				return true
			})
		}
		if !generic {
			return f
		}
	}
	return nil
}

// joined returns the files of all packages with the mutants that are compiled
// together, and a chooser for each package: text by path from the module's
// root.
func joined(all []mutant) map[string]string {
	of := map[*ast.FuncDecl][]mutant{}
	texts := map[string]string{}
	for _, m := range all {
		if m.kind == together {
			f := m.source.body(m)
			of[f] = append(of[f], m)
		}
	}
	for _, m := range all {
		if m.kind == together && texts[m.File] == "" {
			texts[m.File] = m.source.joined(m.File, of)
			texts[path.Join(path.Dir(m.File), "mutant_chosen.go")] = fmt.Sprintf(chooser, m.source.pkg.Name())
		}
	}
	return texts
}

// joined returns a file with the mutants of each of its functions.
func (s *source) joined(path string, of map[*ast.FuncDecl][]mutant) string {
	text := s.text(path)
	var kept, added strings.Builder
	last := 0
	for _, decl := range s.files[slices.Index(s.paths, path)].Decls {
		f, is := decl.(*ast.FuncDecl)
		if !is || len(of[f]) == 0 {
			continue
		}
		start, end := s.offset(f.Pos()), s.offset(f.End())
		kept.WriteString(text[last:start] + s.copied(text[start:end], f, original))
		last = end
		for _, m := range of[f] {
			added.WriteString(s.copied(text[start:m.offset]+m.text+text[m.end:end], f, m.number) + "\n")
		}
		added.WriteString(s.dispatcher(text, f, of[f]) + "\n")
	}
	return kept.String() + text[last:] + "\n" + added.String()
}

// copied returns a function's text with the name of a number.
func (s *source) copied(text string, f *ast.FuncDecl, number string) string {
	end := s.offset(f.Name.End()) - s.offset(f.Pos())
	return text[:end] + "_mutant" + number + text[end:]
}

// dispatcher returns a function with the original name that calls the selected
// copy.
func (s *source) dispatcher(text string, f *ast.FuncDecl, mutants []mutant) string {
	of := func(n ast.Node) string { return text[s.offset(n.Pos()):s.offset(n.End())] }
	receiver, call := "", f.Name.Name
	if f.Recv != nil {
		receiver = "(mutantOf " + of(f.Recv.List[0].Type) + ") "
		call = "mutantOf." + call
	}
	var parameters, arguments []string
	for _, field := range f.Type.Params.List {
		for range max(1, len(field.Names)) {
			name := fmt.Sprintf("a%d", len(arguments))
			parameters = append(parameters, name+" "+of(field.Type))
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				name += "..."
			}
			arguments = append(arguments, name)
		}
	}
	results, before, after := "", "", "; return"
	if f.Type.Results != nil {
		results, before, after = of(f.Type.Results), "return ", ""
	}
	var cases strings.Builder
	with := func(number string) string {
		return before + call + "_mutant" + number + "(" + strings.Join(arguments, ", ") + ")" + after
	}
	for _, m := range mutants {
		fmt.Fprintf(&cases, "\tcase %q:\n\t\t%s\n", m.number, with(m.number))
	}
	return fmt.Sprintf("func %s%s(%s) %s {\n\tswitch mutantChosen {\n%s\t}\n\t%s\n}\n", receiver, f.Name.Name, strings.Join(parameters, ", "), results, &cases, with(original))
}
