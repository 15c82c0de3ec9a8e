package lang

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxDepth is the number of brackets around an expression, maxSigns the number of operators, indexes and directives
// around and before it in one expression. The parser, and everything that walks through its result, calls itself for
// each of them.
const (
	maxDepth = 200
	maxSigns = 1000
)

// closing has the token that ends what a token begins.
var closing = map[hclsyntax.TokenType]hclsyntax.TokenType{
	hclsyntax.TokenOBrace: hclsyntax.TokenCBrace, hclsyntax.TokenOBrack: hclsyntax.TokenCBrack,
	hclsyntax.TokenOParen: hclsyntax.TokenCParen, hclsyntax.TokenOQuote: hclsyntax.TokenCQuote,
	hclsyntax.TokenOHeredoc: hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateInterp: hclsyntax.TokenTemplateSeqEnd,
	hclsyntax.TokenTemplateControl: hclsyntax.TokenTemplateSeqEnd,
}

// nest is what one open bracket has counted.
type nest struct {
	end   hclsyntax.TokenType
	body  bool // attributes and blocks, not an expression
	lines bool // a body of several lines, whose end is the first token of its line
	signs int
}

// shallow counts tokens, before a parser that calls itself for each of them reads the text. A closing bracket that the
// parser would skip ends nothing.
func shallow(source []byte) bool {
	tokens, _ := hclsyntax.LexConfig(source, "", hcl.InitialPos)
	open, signs := []nest{{body: true}}, 0
	var last hclsyntax.TokenType // the last one that is not a comment on one line
	for i, token := range tokens {
		top := &open[len(open)-1]
		sign := 0
		switch t := token.Type; t {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote,
			hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			sign = max(opens(t, tokens[i+1]), -top.signs)
			body := t == hclsyntax.TokenOBrace && top.body && (last == hclsyntax.TokenIdent || last == hclsyntax.TokenCQuote)
			top.signs += sign
			open = append(open, nest{end: closing[t], body: body, lines: body && tokens[i+1].Type == hclsyntax.TokenNewline})
		case top.end:
			if !top.lines || last == hclsyntax.TokenNewline {
				signs -= top.signs
				open = open[:len(open)-1]
			}
		case hclsyntax.TokenComma, hclsyntax.TokenNewline:
			if t == hclsyntax.TokenComma || top.end == 0 || top.end == hclsyntax.TokenCBrace {
				signs, top.signs = signs-top.signs, 0
			}
		default:
			sign = operator(t)
			top.signs += sign
		}
		signs += sign
		if len(open)-1 > maxDepth || signs > maxSigns {
			return false
		}
		if token.Type != hclsyntax.TokenComment {
			last = token.Type
		} else if bytes.HasSuffix(token.Bytes, []byte("\n")) {
			last = hclsyntax.TokenNewline
		}
	}
	return true
}

// opens returns what a bracket counts in the expression that it is part of, beside what it has in itself.
func opens(t hclsyntax.TokenType, next hclsyntax.Token) int {
	word := string(next.Bytes)
	switch {
	case t == hclsyntax.TokenOBrack: // of an index
		return 1
	case t != hclsyntax.TokenTemplateControl || word == "else":
		return 0
	case word == "endif" || word == "endfor":
		return -1
	}
	return 1
}

// operator returns 1 for what makes an expression a part of another one without brackets.
func operator(t hclsyntax.TokenType) int {
	switch t {
	case hclsyntax.TokenQuestion, hclsyntax.TokenBang, hclsyntax.TokenAnd, hclsyntax.TokenOr,
		hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenPercent,
		hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq,
		hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq:
		return 1
	}
	return 0
}
