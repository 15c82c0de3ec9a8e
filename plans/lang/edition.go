package lang

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Language is the edition of the language that this package reads.
const Language = 1

// edition reads language and requires before all else, since everything else
// may mean something different in another edition.
func edition(body *hclsyntax.Body, version string, f *diags) (ok bool) {
	ok = true
	refuse := func(a *hclsyntax.Attribute, summary, help string) {
		f.error("P0106", a.Expr.Range(), summary, help)
		ok = false
	}
	for _, b := range body.Blocks {
		if b.Type != planBlock.name {
			continue
		}
		if a := b.Body.Attributes["language"]; a != nil {
			v, diags := a.Expr.Value(nil)
			switch {
			case diags.HasErrors() || v.IsNull() || v.Type() != cty.Number:
				refuse(a, "language must be the number of an edition", "write language = 1")
			case v.AsBigFloat().Cmp(big.NewFloat(Language)) != 0:
				refuse(a, fmt.Sprintf("the file is written in language %s, but this command reads language %d", number(v),
					Language), "use a newer version of the command, or write language = 1")
			}
		}
		if a := b.Body.Attributes["requires"]; a != nil {
			v, diags := a.Expr.Value(nil)
			if diags.HasErrors() || v.IsNull() || v.Type() != cty.String {
				refuse(a, "requires must be a string with versions", `write requires = ">= 0.1.0"`)
				continue
			}
			switch met, err := meets(version, v.AsString()); {
			case err != nil:
				refuse(a, err.Error(), `write requires = ">= 0.1.0"`)
			case !met:
				refuse(a, fmt.Sprintf("the file requires version %s of the command, but this is %s", v.AsString(), version),
					"use that version of the command")
			}
		}
	}
	return ok
}

// meets says whether a version meets all of the constraints. A version that is
// no number, as of a development build, meets everything.
func meets(version, constraints string) (bool, error) {
	own, known := parseVersion(version)
	met := true
	for c := range strings.SplitSeq(constraints, ",") {
		c = strings.TrimSpace(c)
		text := strings.TrimLeft(c, "<>=")
		want, ok := parseVersion(strings.TrimSpace(text))
		holds, op := operators[strings.TrimSuffix(c, text)]
		if !ok || !op {
			return false, fmt.Errorf("%q is not a version", c)
		}
		met = met && (!known || holds(slices.Compare(own[:], want[:])))
	}
	return met, nil
}

var operators = map[string]func(int) bool{
	"":   func(c int) bool { return c == 0 },
	"=":  func(c int) bool { return c == 0 },
	">":  func(c int) bool { return c > 0 },
	">=": func(c int) bool { return c >= 0 },
	"<":  func(c int) bool { return c < 0 },
	"<=": func(c int) bool { return c <= 0 },
}

// parseVersion reads "v1.2.3-rc1" as 1, 2, 3.
func parseVersion(text string) (v [3]int, ok bool) {
	text, _, _ = strings.Cut(strings.TrimPrefix(text, "v"), "-")
	text, _, _ = strings.Cut(text, "+")
	parts := strings.Split(text, ".")
	if len(parts) > 3 {
		return v, false
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return v, false
		}
		v[i] = n
	}
	return v, true
}
