package lang

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
)

// mismatch says why a value does not convert: what it is, or, where the whole
// is of the right form, what part of it is wrong.
func mismatch(got, want cty.Type, err error) string {
	if listed(got) != listed(want) || named(got) != named(want) || !listed(got) && !named(got) {
		return "this is " + typeName(got)
	}
	var at cty.PathError
	if errors.As(err, &at) && len(at.Path) > 0 {
		return fmt.Sprintf("in %s %s", pathText(at.Path), err)
	}
	return err.Error()
}

func listed(t cty.Type) bool { return t.IsListType() || t.IsSetType() || t.IsTupleType() }

func named(t cty.Type) bool { return t.IsMapType() || t.IsObjectType() }

// pathText writes a path as an expression would.
func pathText(path cty.Path) string {
	text := ""
	for _, step := range path {
		switch s := step.(type) {
		case cty.GetAttrStep:
			text += "." + s.Name
		case cty.IndexStep:
			switch s.Key.Type() {
			case cty.Number:
				text += "[" + number(s.Key) + "]"
			case cty.String:
				text += fmt.Sprintf("[%q]", s.Key.AsString())
			}
		}
	}
	return text
}
