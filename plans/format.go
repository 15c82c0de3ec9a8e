package plans

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format writes a plan file in its one format. A file that cannot be read is
// not touched: its faults come back.
func Format(src []byte, name string) ([]byte, Diagnostics) {
	f := &faults{sources: map[string][]byte{name: src}}
	if !shallow(src) {
		f.error("P0001", hcl.Range{Filename: name}, "this is nested too deeply", "")
	} else if _, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos); diags.HasErrors() {
		f.syntax(diags, name, src)
	}
	if diags := f.finish(name, func(Place) string { return "" }); diags.HasErrors() {
		return nil, diags
	}
	return hclwrite.Format(src), nil
}
