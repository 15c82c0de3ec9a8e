package lang

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// yamlLine is a first line that is one of YAML and can be none of HCL.
var yamlLine = regexp.MustCompile(`^(---|[A-Za-z_][A-Za-z0-9_.-]*:)(\s|$)`)

// crowded is what HCL says of a block on one line that has more than one attribute.
var crowded = regexp.MustCompile(`^(A single-line block definition|Single-line block syntax) `)

// legible says whether a file can be let loose a parser on; if not, it tells
// why, once.
func (f *diags) legible(source []byte, file string) bool {
	at := hcl.Range{Filename: file, Start: hcl.InitialPos, End: hcl.InitialPos}
	var first []byte // line that is neither empty nor a comment
	for line := range bytes.Lines(source) {
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			first = bytes.TrimRight(line, "\r\n")
			break
		}
	}
	switch {
	case !utf8.Valid(source) || bytes.IndexByte(source, 0) >= 0:
		delete(f.sources, file)
		f.error("P0001", at, "the file is not UTF-8 text", "save the file as plain text in UTF-8")
	case !shallow(source):
		f.error("P0001", at, fmt.Sprintf("the file has more than %d nested brackets, or %d operators in one expression",
			maxDepth, maxSigns), "use fewer of them")
	case yamlLine.Match(first):
		f.error("P0001", at, "the file looks like YAML, but plans are written in HCL",
			`write name = value, and blocks such as service "api" { … }`)
	default:
		return true
	}
	return false
}

// parse reads a file that is legible. What HCL has to say of it is told.
func (f *diags) parse(source []byte, file string) (body *hclsyntax.Body, ok bool) {
	parsed, diags := hclsyntax.ParseConfig(f.quantities(source, file), file, hcl.InitialPos)
	f.syntax(diags, file, source)
	whole := parsed.Body.(*hclsyntax.Body)
	meter(whole)
	return whole, !diags.HasErrors()
}

// mostBare is how many quantities without quotes are told of in one file.
const mostBare = 100

// quantities tells of numbers with a unit but without quotes, such as 50M. It
// gives the text with an empty list in the place of each, so that whatever
// else is wrong can be told too.
func (f *diags) quantities(source []byte, file string) []byte {
	tokens, _ := hclsyntax.LexConfig(source, file, hcl.InitialPos)
	text := slices.Clone(source)
	ends := []hclsyntax.TokenType{ // what stands behind a percent sign that is no operator
		hclsyntax.TokenNewline, hclsyntax.TokenEOF, hclsyntax.TokenCBrace, hclsyntax.TokenComma, hclsyntax.TokenCParen, hclsyntax.TokenCBrack,
	}
	for i := 0; i+2 < len(tokens); i++ {
		// Letters or a percent sign follow a number at once.
		number, unit, next := tokens[i], tokens[i+1], tokens[i+2].Type
		at := hcl.RangeBetween(number.Range, unit.Range)
		if number.Type != hclsyntax.TokenNumberLit || number.Range.End.Byte != unit.Range.Start.Byte ||
			unit.Type != hclsyntax.TokenIdent && (unit.Type != hclsyntax.TokenPercent || !slices.Contains(ends, next)) {
			continue
		}
		word := string(at.SliceBytes(source))
		if f.bare[file] = append(f.bare[file], at.Start.Byte); len(f.bare[file]) <= mostBare {
			f.error("P0001", at, fmt.Sprintf("%s is not a number: an amount with a unit is a string", word),
				fmt.Sprintf("write %q", word))
		}
		copy(text[at.Start.Byte:at.End.Byte], "["+strings.Repeat(" ", len(word)-2)+"]")
	}
	return text
}

// overlapsBare says whether a quantity without quotes stands in a range of a file.
func (f *diags) overlapsBare(file string, from, to int) bool {
	starts := f.bare[file]
	i, _ := slices.BinarySearch(starts, from)
	return i < len(starts) && starts[i] < to
}

// spanOf is where an expression stands.
func spanOf(expr hcl.Expression) (file string, from, to int) {
	at := expr.Range()
	return at.Filename, at.Start.Byte, at.End.Byte
}

// syntax takes over HCL's own complaints about what it could not read.
// What follows a quote that is never closed is read wrongly, and so is left
// out; so is what starts where another fault does.
func (f *diags) syntax(diags hcl.Diagnostics, file string, source []byte) {
	// end is where the first quoted text runs over the end of its line, or the end
	// of the source.
	end := len(source)
	tokens, _ := hclsyntax.LexConfig(source, file, hcl.InitialPos)
	open := func(t hclsyntax.Token) bool { return t.Type == hclsyntax.TokenQuotedNewline }
	if i := slices.IndexFunc(tokens, open); i >= 0 {
		end = tokens[i].Range.Start.Byte
	}
	seen := map[int]bool{}
	for _, d := range diags {
		at := hcl.Range{Filename: file}
		if d.Subject != nil {
			at = *d.Subject
		}
		switch {
		case at.Start.Byte > end || seen[at.Start.Byte]:
		case at.Start.Byte == end && end < len(source):
			f.error("P0001", at, "the quotation mark of this string is not closed on its line",
				`add a quotation mark at the end of the string`)
		case crowded.MatchString(d.Detail):
			f.error("P0001", at, "a block on one line has only one attribute, and no block in it",
				"write each attribute and each block on a line of its own")
		default:
			f.error("P0001", at, strings.TrimSuffix(d.Summary, "."), d.Detail)
		}
		seen[at.Start.Byte] = true
	}
}
