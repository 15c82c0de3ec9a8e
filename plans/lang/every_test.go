package lang

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"plan/plans"
)

// Every attribute of the schema table does something: without it, or with
// another value, a file comes to another plan, or is refused in other words. One
// that is accepted and then read by nobody fails by its name.
func TestEveryAttributeIsRead(t *testing.T) {
	folder, seen := t.TempDir(), map[row]bool{}
	for name, text := range map[string]string{
		"cat.png": "cat", "dog.png": "dog", "users.csv": "name\na\n", "others.csv": "name\nb\n", "locustfile.py": "one", ".env": "A=b", "other.py": "two", "requirements.txt": "requests",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"plan.hcl", "kubernetes.hcl", "refused.hcl"} {
		source, err := os.ReadFile(filepath.Join("testdata/every", name))
		if err != nil {
			t.Fatal(err)
		}
		file, loads := filepath.Join(folder, name), name != "refused.hcl"
		whole := effectOf(t, file, source, loads)
		for _, w := range writtenIn(t, source) {
			if seen[w.row] {
				continue
			}
			seen[w.row] = true
			t.Run(w.name(), func(t *testing.T) {
				if changed := effectOf(t, file, w.changed(source), loads); cmp.Equal(whole, changed, noDecls, cmpopts.IgnoreUnexported(plans.Plan{})) {
					t.Errorf("line %d of %s: %s is read by nobody", w.at.NameRange.Start.Line, name, w.name())
				}
			})
		}
	}
	for b := range rowsOf(planFile) {
		for _, a := range b.attributes {
			if !seen[row{b, a.name}] {
				t.Errorf("%s.%s is in no file of testdata/every: write it there", b.name, a.name)
			}
		}
	}
}

// effectOf is all that a file comes to: what its plan is, what it puts out, and
// which of its assertions fail; or the words in which it is refused.
func effectOf(t *testing.T, file string, source []byte, loads bool) []any {
	t.Helper()
	if err := os.WriteFile(file, source, 0o644); err != nil {
		t.Fatal(err)
	}
	p, diags := Load(file, Options{Version: "0.1.0"})
	if loads != (p != nil) {
		t.Fatalf("it loads: %v\n%v", p != nil, diags)
	}
	if p == nil {
		var said []any
		for _, d := range diags {
			said = append(said, d.Code, d.Summary, d.Help)
		}
		return said
	}
	outputs, _ := p.Outputs(plans.Known{})
	all := []any{outputs}
	for _, s := range p.Stages {
		failures, _ := p.Assert(s.Address, plans.Known{}, map[string]any{"memory": 100})
		all = append(all, failures)
	}
	p.SHA256 = ""
	p.Evaluate(nil)
	return append(all, p)
}

// row is an attribute of a block.
type row struct {
	block     *block
	attribute string
}

// written is a row as it stands in a file.
type written struct {
	row
	at *hclsyntax.Attribute
}

func (w written) name() string { return w.block.name + "." + w.attribute }

// changed is the file with the value that a comment behind the attribute gives
// it, or without the attribute.
func (w written) changed(source []byte) []byte {
	value, all := w.at.Expr.Range(), w.at.SrcRange
	line, _, _ := bytes.Cut(source[value.Start.Byte:], []byte("\n"))
	if _, other, given := strings.Cut(string(line), "# or "); given {
		return slices.Concat(source[:value.Start.Byte], []byte(other), source[value.End.Byte:])
	}
	return slices.Concat(source[:all.Start.Byte], source[all.End.Byte:])
}

// writtenIn lists all rows of the schema table that stand in a file.
func writtenIn(t *testing.T, source []byte) []written {
	t.Helper()
	parsed, diags := hclsyntax.ParseConfig(source, "", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return writtenBelow(planFile, parsed.Body.(*hclsyntax.Body))
}

func writtenBelow(b *block, body *hclsyntax.Body) []written {
	var list []written
	for _, a := range body.Attributes {
		list = append(list, written{row{b, a.Name}, a})
		if known, _ := b.attribute(a.Name); known.typ != nil && known.typ.each != nil {
			list = append(list, writtenInObjects(known.typ.each, a.Expr)...)
		}
	}
	for _, n := range body.Blocks {
		list = append(list, writtenBelow(b.nested(n.Type), n.Body)...)
	}
	return list
}

// writtenInObjects finds the rows of a block in the objects of an expression,
// however deep they stand.
func writtenInObjects(b *block, expr hclsyntax.Expression) []written {
	var list []written
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		object, _ := n.(*hclsyntax.ObjectConsExpr)
		for i := 0; object != nil && i < len(object.Items); i++ {
			item := object.Items[i]
			if _, known := b.attribute(hcl.ExprAsKeyword(item.KeyExpr)); known {
				at := &hclsyntax.Attribute{Expr: item.ValueExpr, NameRange: item.KeyExpr.Range(), SrcRange: hcl.RangeBetween(item.KeyExpr.Range(), item.ValueExpr.Range())}
				list = append(list, written{row{b, hcl.ExprAsKeyword(item.KeyExpr)}, at})
			}
		}
		return nil
	})
	return list
}

// rowsOf are all blocks below one, and what has rows inside of attributes.
func rowsOf(b *block) map[*block]bool {
	all := allBlocks(b)
	for n := range allBlocks(b) {
		for _, a := range n.attributes {
			if a.typ.each != nil {
				all[a.typ.each] = true
			}
		}
	}
	return all
}
