package lang

import (
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"
)

const smallPlan = `
service "api" {
  image  = "api:latest"
  expose = ["8000"]
}
scenario "predict" {
  think_time = "1s"
  request "predict" { path = "/predict" }
}
check "c" {
  service = service.api
  load {
    scenario = scenario.predict
    users    = 1
    runtime  = "10s"
  }
}
`

func loadText(t *testing.T, text string, files ...string) (codes []string, all string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, diags := Load(path, Options{})
	for _, d := range diags {
		codes = append(codes, d.Code)
	}
	return codes, diags.Error()
}

// TestHostileExpressions evaluates small plans that once took gigabytes, or never ended.
//
// Right: P0442 with the limit that was exceeded, before the value is made.
func TestHostileExpressions(t *testing.T) {
	chain := func(first, next string, n int) string {
		lines := []string{"locals {", "  a0 = " + first}
		for i := range n {
			lines = append(lines, fmt.Sprintf("  a%d = %s", i+1, strings.ReplaceAll(next, "@", fmt.Sprintf("local.a%d", i))))
		}
		return strings.Join(append(lines, "}", fmt.Sprintf("output \"x\" { value = local.a%d }", n)), "\n")
	}
	output := func(value string) string { return "output \"x\" { value = " + value + " }" }
	for name, c := range map[string]struct{ text, limit string }{
		"texts in texts":         {chain(`"aaaaaaaaaa"`, `"${@}${@}${@}${@}${@}${@}${@}${@}${@}${@}"`, 12), "16 MiB of text"},
		"lists in lists":         {chain("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "concat(@, @, @, @, @, @, @, @, @, @)", 9), "250000 steps"},
		"lists of lists":         {chain("[1, 2]", "[@, @, @, @, @, @, @, @]", 9), "250000 steps"},
		"objects":                {chain("{ a = 1 }", "{ a = @, b = @, c = @, d = @, e = @ }", 12), "250000 steps"},
		"for in for":             {output("[for a in range(1000): [for b in range(1000): [for c in range(1000): c]]]"), "250000 steps"},
		"for with a condition":   {output("[for a in range(1000): a if length([for b in range(1000): b if b > a]) > 2]"), "250000 steps"},
		"for with keys":          {output(`{for a in range(1000): "k${length({for b in range(1000): "${a}-${b}" => b})}" => a...}`), "250000 steps"},
		"a wide format":          {output(`strlen(format("%1000000000s", "x"))`), "16 MiB of text"},
		"a format of many verbs": {output(`strlen(format("` + strings.Repeat("%[1]s", 300) + `", join("", [for a in range(1000): "0123456789012345678901234567890123456789012345678901234567890123456789"])))`), "16 MiB"},
		"a precise format":       {output(`strlen(format("%.999999999f", 1.5))`), "16 MiB of text"},
		"a wide list of formats": {output(`formatlist("%90000s", range(1000))`), "16 MiB of text"},
		"indent":                 {output(`strlen(indent(1000000000, "a\nb"))`), "16 MiB of text"},
		"join":                   {output(`strlen(join(format("%100000s", "x"), range(1000)))`), "16 MiB of text"},
		"replace":                {output(`strlen(replace(format("%100000s", "x"), " ", format("%1000s", "x")))`), "16 MiB of text"},
		"regexreplace":           {output(`strlen(regexreplace(format("%100000s", "x"), " ", format("%1000s", "x")))`), "16 MiB of text"},
		"regexreplace by groups": {output(`strlen(regexreplace(format("%100000s", "x"), "(.*)", "` + strings.Repeat("$1", 200) + `"))`), "16 MiB of text"},
		"setproduct":             {output("length(setproduct(range(1000), range(1000), range(1000)))"), "250000 steps"},
		"distinct":               {output("length(distinct(flatten([for a in range(100): [for b in range(1000): a * 1000 + b]])))"), "250000 steps"},
		"JSON in JSON":           {chain(`"\""`, "jsonencode(jsonencode(@))", 20), "16 MiB of text"},
		"deep JSON": {output(`length(jsondecode("${replace(format("%09000d", 0), "0", "[")}${replace(format("%020000d", 0), "0", "1,")}1` +
			`${replace(format("%09000d", 0), "0", "]")}"))`), "250000 steps"},
		"large numbers":                     {chain("1e300", "@ * @", 40), "331 digits"},
		"small numbers":                     {chain("1e-300", "@ * @", 40), "331 digits"},
		"small numbers as a text":           {chain("1e-300", "@ * @", 14) + "\n" + `output "y" { value = "${local.a14}" }`, "331 digits"},
		"small numbers in an expression":    {output(`"${1e-300` + strings.Repeat("*1e-300", 900) + `}"`), "331 digits"},
		"quotients in an expression":        {output(`"${-(1` + strings.Repeat("/1e300", 900) + `)}"`), "331 digits"},
		"a text that is a small number":     {output(`"${"1e-4000000" + 0}"`), "331 digits"},
		"a text that is a long number":      {output(`"` + strings.Repeat("9", 1001) + `" * 1 > 0`), "331 digits"},
		"a negative text of a number":       {output(`-"1e-4000000"`), "331 digits"},
		"a text made a number":              {output(`"${tonumber("1e-4000000")}"`), "331 digits"},
		"JSON of a small number":            {output(`"${jsondecode("[1e-4000000]")[0]}"`), "331 digits"},
		"a format of a small number":        {output(`format("%f", "1e-4000000")`), "16 MiB of text"},
		"small numbers in a for expression": {output(`[for a in ["1e-4000000"]: "${a * 1}"]`), "331 digits"},
		"a number of many digits in a base": {output(`parseint("` + strings.Repeat("f", 1001) + `", 16)`), "16 MiB of text"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			codes, all := loadText(t, smallPlan+c.text)
			if !strings.Contains(strings.Join(codes, " "), "P0442") || !strings.Contains(all, "evaluating the plan takes more than "+c.limit) &&
				!strings.Contains(all, c.limit) {
				t.Errorf("%v\n%.1000s", codes, all)
			}
			if took := time.Since(start); took > time.Minute { // a bound for the busiest machine; the budget counts no time
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestNesting: brackets in texts of a JSON text are not counted.
func TestNesting(t *testing.T) {
	for text, want := range map[string]int64{
		``: 0, `1`: 0, `"[[["`: 0, `[]`: 1, `[[1], [2, {"a": [3]}]]`: 4, `{"a\\": "\"[[", "b": [[1]]}`: 3, `[[`: 2, `]]]`: 0,
	} {
		if got := nesting(text); got != want {
			t.Errorf("%s: %d, not %d", text, got, want)
		}
	}
}

// TestUsualExpressionsAreFarBelowTheBudget: what people write is valid, and takes a hundredth.
func TestUsualExpressionsAreFarBelowTheBudget(t *testing.T) {
	text := smallPlan + `
locals {
  rows  = [for i in range(100): { id = i, name = format("user-%04d", i), tags = ["a", "b", upper("c")] }]
  names = join(",", local.rows[*].name)
  by    = { for r in local.rows : r.name => r.id if r.id % 2 == 0 }
  text  = jsonencode({ rows = local.rows, all = local.names })
}
output "x" { value = "${length(keys(local.by))} ${strlen(local.text)} ${try(local.by["user-0002"], "no")}" }
`
	if codes, all := loadText(t, text); strings.Contains(strings.Join(codes, " "), "P0442") || strings.Contains(all, "error") {
		t.Errorf("%v\n%s", codes, all)
	}
}

func TestBudget(t *testing.T) {
	for _, c := range []struct {
		steps, bytes int64
		want         string
	}{
		{maxSteps, maxBytes, ""}, {maxSteps + 1, 0, "250000 steps"}, {0, maxBytes + 1, "16 MiB of text"}, {1 << 62, 1 << 62, "250000 steps"},
	} {
		b := &budget{}
		for range 3 { // what is only asked for is not spent
			_ = b.allows(c.steps, c.bytes)
		}
		err := b.spend(c.steps, c.bytes)
		if got := fmt.Sprint(err); (err == nil) != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%d steps, %d bytes: %v", c.steps, c.bytes, err)
		}
	}
	b := &budget{}
	for range 2 {
		if err := b.spend(maxSteps/2, 0); err != nil {
			t.Error(err)
		}
	}
	if err := b.spend(1, 0); err == nil {
		t.Error("the budget is not shared")
	}
}

func TestSizeOf(t *testing.T) {
	for _, c := range []struct {
		v             cty.Value
		values, bytes int64
	}{
		{cty.StringVal("abc"), 1, 3}, {cty.True, 1, 0}, {cty.NullVal(cty.String), 1, 0}, {cty.UnknownVal(cty.String), 1, 0},
		{cty.ListVal([]cty.Value{cty.StringVal("a"), cty.StringVal("bc")}), 3, 3},
		{cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal("abc").Mark("x")}).Mark("y"), 2, 6},
		{cty.MustParseNumberVal("1e300"), 1, 333},
	} {
		if got := sizeOf(c.v, 1000); got != (size{values: c.values, bytes: c.bytes}) {
			t.Errorf("%#v has %v, want %d values and %d bytes", c.v, got, c.values, c.bytes)
		}
	}
}

// TestLongNumbers: numbers of 2 to the power of 1100 and of its inverse are the longest.
func TestLongNumbers(t *testing.T) {
	power := func(exponent int) cty.Value {
		return cty.NumberVal(new(big.Float).SetMantExp(big.NewFloat(0.5), exponent))
	}
	for _, c := range []struct {
		v    cty.Value
		want bool
	}{
		{power(1100), false}, {power(1101), true}, {power(-1100), false}, {power(-1101), true}, {cty.Zero, false}, {cty.PositiveInfinity, false},
		{cty.TupleVal([]cty.Value{power(1101), cty.Zero}), true}, {cty.TupleVal([]cty.Value{power(1100), cty.True}), false},
	} {
		if got := sizeOf(c.v, 1000).long; got != c.want {
			t.Errorf("%#v: %v", c.v, got)
		}
	}
	for text, want := range map[string]bool{
		"1e-1000": true, "1e1000": true, "-1.5e+300": false, "1e-300": false, "x1e-1000": false, "": false, "1e": false, "1000-1000": false,
		strings.Repeat("9", 300): false, strings.Repeat("0", 1000): false, strings.Repeat("0", 1001): true, strings.Repeat("a", 1001): false,
	} {
		if got := longText(text); got != want {
			t.Errorf("%.20s: %v", text, got)
		}
	}
	for text, want := range map[string]bool{"1e-4000000": true, "1e-300": false} {
		codes, all := loadText(t, smallPlan+"variable \"x\" {\n  type = number\n  default = \""+text+"\"\n}")
		if strings.Contains(strings.Join(codes, " "), "P0421") != want {
			t.Errorf("%s: %v %s", text, codes, all)
		}
	}
}

// TestWideFeedsAreReadInLinearTime counts nothing: with 64,000 columns the quadratic comparison of names took 22 s.
func TestWideFeedsAreReadInLinearTime(t *testing.T) {
	var names, values []string
	for i := range 64_000 {
		names, values = append(names, fmt.Sprintf("c%d", i)), append(values, "1")
	}
	text := strings.Replace(smallPlan, `request "predict" { path = "/predict" }`, `
  feed "f" { file = "wide.csv" }
  request "predict" {
    path    = "/predict"
    headers = { X = feed.f.c63999 }
  }`, 1)
	start := time.Now()
	codes, all := loadText(t, text, "wide.csv", strings.Join(names, ",")+"\n"+strings.Join(values, ",")+"\n")
	if strings.Contains(all, "error") {
		t.Errorf("%v\n%.500s", codes, all)
	}
	t.Logf("it took %v", time.Since(start))
}
