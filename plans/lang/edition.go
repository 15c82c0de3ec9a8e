package lang

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Language is the edition of the language that this package reads.
const Language = 1

// edition reads language and requires before all else, since everything else
// may mean something different in another edition.
func edition(body *hclsyntax.Body, version string, f *diags) (ok bool) {
	ok = true
	for _, b := range body.Blocks {
		if b.Type != planBlock.name {
			continue
		}
		if a := b.Body.Attributes["language"]; a != nil {
			ok = languageMet(a.Expr, f) && ok
		}
		if a := b.Body.Attributes["requires"]; a != nil {
			ok = requiresMet(a.Expr, version, f) && ok
		}
	}
	return ok
}

func languageMet(expr hcl.Expression, f *diags) bool {
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type() != cty.Number {
		f.error("P0106", expr.Range(), "language takes the number of an edition", "write language = 1")
		return false
	}
	if v.AsBigFloat().Cmp(big.NewFloat(Language)) == 0 {
		return true
	}
	f.error("P0106", expr.Range(), fmt.Sprintf("this file is written in language %s, this command reads language %d", number(v), Language), "use a newer plan command, or write language = 1")
	return false
}

func requiresMet(expr hcl.Expression, version string, f *diags) bool {
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type() != cty.String {
		f.error("P0106", expr.Range(), "requires takes a text with versions", `write requires = ">= 0.1.0"`)
		return false
	}
	met, err := meets(version, v.AsString())
	switch {
	case err != nil:
		f.error("P0106", expr.Range(), err.Error(), `write requires = ">= 0.1.0"`)
	case !met:
		f.error("P0106", expr.Range(), fmt.Sprintf("this file wants plan %s, this is %s", v.AsString(), version), "use a plan command of that version")
	}
	return err == nil && met
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
			return false, fmt.Errorf("%q is not a version to compare with", c)
		}
		met = met && (!known || holds(compareVersions(own, want)))
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

func compareVersions(a, b [3]int) int {
	for i := range a {
		if a[i] != b[i] {
			return a[i] - b[i]
		}
	}
	return 0
}
