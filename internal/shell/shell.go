// Package shell reads a text as the commands of a shell, and runs none. It knows nothing
// of what the commands do.
package shell

import (
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// Command is a command of one program or builtin, without redirections.
type Command struct {
	Words    []string // with what is assigned before it
	Operator string   // between it and the next one: "|", "&&", "||"; "" for a new line and others
	Inside   bool     // it is a part of a compound command, such as if, or negated
}

// Commands are the commands of a text in the order in which they stand. What a shell
// would put in the place of a part of a word, such as of a variable or of a command, is
// what fill returns for that part as it is written.
func Commands(text string, fill func(part string) (string, error)) ([]Command, error) {
	return read(text, fill, syntax.NewParser())
}

// Readable are the commands of a text of which a part may be no shell: of a quote that is
// open, and of what stands before another mistake.
func Readable(text string, fill func(part string) (string, error)) []Command {
	parser := syntax.NewParser(syntax.RecoverErrors(10))
	list, err := read(text, fill, parser)
	if wrong := (syntax.ParseError{}); errors.As(err, &wrong) {
		list, _ = read(text[:wrong.Pos.Offset()], fill, parser)
	}
	return list
}

func read(text string, fill func(part string) (string, error), parser *syntax.Parser) ([]Command, error) {
	file, err := parser.Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, fmt.Errorf("a shell cannot read it: %w: correct it, or put it into quotes", err)
	}
	r := reader{text: text, fill: fill}
	syntax.Walk(file, r.visit)
	return r.list, r.err
}

type reader struct {
	text string
	fill func(part string) (string, error)
	list []Command
	err  error // the first of fill
}

func (r *reader) visit(n syntax.Node) bool {
	before := len(r.list)
	switch n := n.(type) {
	case *syntax.Stmt:
		if n.Cmd != nil {
			syntax.Walk(n.Cmd, r.visit)
		}
		switch n.Cmd.(type) {
		case *syntax.CallExpr, *syntax.DeclClause, *syntax.BinaryCmd:
			if !n.Negated {
				return false
			}
		}
		for i := range r.list[before:] {
			r.list[before+i].Inside = true
		}
	case *syntax.BinaryCmd:
		syntax.Walk(n.X, r.visit)
		if len(r.list) > before {
			r.list[len(r.list)-1].Operator = n.Op.String()
		}
		syntax.Walk(n.Y, r.visit)
	case *syntax.CallExpr:
		r.add(r.assigned(n.Assigns), n.Args)
	case *syntax.DeclClause: // such as export
		r.add(append([]string{n.Variant.Value}, r.assigned(n.Args)...), nil)
	case *syntax.Word:
	default:
		return true
	}
	return false
}

func (r *reader) add(words []string, more []*syntax.Word) {
	for _, w := range more {
		words = append(words, r.word(w))
	}
	r.list = append(r.list, Command{Words: words})
}

// assigned are words as NAME=value.
func (r *reader) assigned(list []*syntax.Assign) (words []string) {
	for _, a := range list {
		if a.Value == nil {
			words = append(words, r.written(a.Pos(), a.End()))
			continue
		}
		words = append(words, r.written(a.Pos(), a.Value.Pos())+r.word(a.Value))
	}
	return words
}

func (r *reader) written(from, to syntax.Pos) string {
	if to.Offset() < from.Offset() { // an end that is missing
		return r.text[from.Offset():]
	}
	return r.text[from.Offset():to.Offset()]
}

func (r *reader) word(w *syntax.Word) string {
	var b strings.Builder
	r.parts(&b, w.Parts, false)
	return b.String()
}

func (r *reader) parts(b *strings.Builder, parts []syntax.WordPart, quoted bool) {
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			b.WriteString(literal(part.Value, quoted))
		case *syntax.SglQuoted:
			value := part.Value
			if part.Right.IsRecovered() { // the parser leaves out what is in an open quote
				_, value, _ = strings.Cut(r.written(part.Left, part.Right), "'")
			}
			if part.Dollar { // $'…', which ends at a zero byte
				value, _, _ = expand.Format(nil, value, nil) // only arguments can be wrong
				value, _, _ = strings.Cut(value, "\x00")
			}
			b.WriteString(value)
		case *syntax.DblQuoted:
			r.parts(b, part.Parts, true)
		default:
			filled, err := r.fill(r.written(part.Pos(), part.End()))
			if r.err == nil {
				r.err = err
			}
			b.WriteString(filled)
		}
	}
}

// literal is a text without the backslashes that a shell removes, in double quotes or not.
func literal(text string, quoted bool) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (!quoted || strings.IndexByte("$`\"\\", text[i+1]) >= 0) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
