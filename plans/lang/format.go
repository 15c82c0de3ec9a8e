package lang

import (
	"github.com/hashicorp/hcl/v2/hclwrite"

	"plan/plans/diag"
)

// Format writes a plan file in its one format. A file that cannot be read is
// not touched: its diagnostics come back.
func Format(src []byte, name string) ([]byte, diag.List) {
	f := newDiags(map[string][]byte{name: src})
	if f.legible(src, name) {
		f.parse(src, name)
	}
	if diags := f.finish(name, func(diag.SourceRange) string { return "" }); diags.HasErrors() {
		return nil, diags
	}
	return hclwrite.Format(src), nil
}
