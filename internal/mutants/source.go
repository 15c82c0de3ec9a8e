package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
)

// source is a parsed and type-checked package without its tests.
type source struct {
	module  string
	set     *token.FileSet
	files   []*ast.File
	paths   []string // of the files, from the root of the module, with slashes
	texts   []string
	pkg     *types.Package
	info    *types.Info
	imports types.Importer
}

func (s *source) text(path string) string { return s.texts[slices.Index(s.paths, path)] }

// offset returns the offset of a position in its file, in bytes.
func (s *source) offset(p token.Pos) int { return s.set.Position(p).Offset }

// listed is a package in the output of go list.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	Module                  *struct{ Path string }
}

// load reads the packages in some folders of the module.
func load(ctx context.Context, root string, folders []string) (map[string]*source, error) {
	list, err := list(ctx, root, folders)
	if err != nil {
		return nil, err
	}
	sources := map[string]*source{}
	for _, folder := range folders {
		i := slices.IndexFunc(list, func(l listed) bool { return l.Module != nil && l.ImportPath == path.Join(l.Module.Path, folder) })
		if i < 0 {
			return nil, fmt.Errorf("there is no package %s", folder)
		}
		if sources[folder], err = check(list[i], folder, list); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// list returns packages with their dependencies, compiled.
func list(ctx context.Context, root string, folders []string) ([]listed, error) {
	command := exec.CommandContext(ctx, "go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Module"}, patterns(folders)...)...)
	command.Dir = root
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, &complaint)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var one listed
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list printed something else than packages: %w", err)
		}
		all = append(all, one)
	}
}

func patterns(folders []string) []string {
	var patterns []string
	for _, folder := range folders {
		patterns = append(patterns, "./"+folder)
	}
	return patterns
}

// check parses and type-checks a package.
func check(l listed, folder string, all []listed) (*source, error) {
	s := &source{module: l.Module.Path, set: token.NewFileSet(), info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}}
	for _, name := range l.GoFiles {
		text, err := os.ReadFile(filepath.Join(l.Dir, name))
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(s.set, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s.files, s.paths, s.texts = append(s.files, file), append(s.paths, path.Join(folder, name)), append(s.texts, string(text))
	}
	s.imports = importer.ForCompiler(s.set, "gc", func(imported string) (io.ReadCloser, error) {
		i := slices.IndexFunc(all, func(l listed) bool { return l.ImportPath == imported })
		if i < 0 {
			return nil, fmt.Errorf("%s was not compiled", imported)
		}
		return os.Open(all[i].Export)
	})
	config := types.Config{Importer: s.imports}
	var err error
	s.pkg, err = config.Check(l.ImportPath, s.set, s.files, s.info)
	return s, err
}
