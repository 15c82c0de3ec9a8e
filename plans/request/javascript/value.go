package javascript

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

// Unknown is a value that only a run knows.
type Unknown struct{}

// Known reports whether no part of a value is Unknown.
func Known(value any) bool {
	switch v := value.(type) {
	case Unknown:
		return false
	case []any:
		return !slices.ContainsFunc(v, func(x any) bool { return !Known(x) })
	case map[string]any:
		for _, x := range v {
			if !Known(x) {
				return false
			}
		}
	}
	return true
}

// Declared returns the value that a name is declared with; nil where it is not.
func (s *Script) Declared(name string) any { return s.Value(s.declared[name]) }

// Value returns what an expression is without running the script: a string, a float64, a
// bool, a []any, a map[string]any, nil, or Unknown, which may also be inside of the others.
func (s *Script) Value(expr js.IExpr) any {
	switch v := expr.(type) {
	case nil:
		return nil
	case *js.GroupExpr:
		return s.Value(v.X)
	case js.LiteralExpr:
		return literal(v.TokenType, string(v.Data))
	case *js.LiteralExpr:
		return literal(v.TokenType, string(v.Data))
	case *js.TemplateExpr:
		return s.template(v)
	case *js.Var:
		declared, is := s.declared[string(v.Name())]
		if !is || s.lookups > 20 {
			return Unknown{}
		}
		s.lookups++
		defer func() { s.lookups-- }()
		return s.Value(declared)
	case *js.DotExpr:
		return s.member(v.X, Name(v.Y))
	case *js.IndexExpr:
		if text, is := s.Value(v.Y).(string); is {
			return s.member(v.X, text)
		}
	case *js.UnaryExpr:
		if n, is := s.Value(v.X).(float64); is && v.Op == js.NegToken {
			return -n
		}
	case *js.BinaryExpr:
		return s.binary(v)
	case *js.ArrayExpr:
		list := []any{}
		for _, item := range v.List {
			if item.Spread {
				return Unknown{}
			}
			list = append(list, s.Value(item.Value))
		}
		return list
	case *js.ObjectExpr:
		return s.object(v)
	case *js.CallExpr:
		if callee, is := v.X.(*js.DotExpr); is && Name(callee.Y) == "stringify" && len(v.Args.List) > 0 {
			value := s.Value(v.Args.List[0].Value)
			if !Known(value) {
				return Unknown{}
			}
			text, _ := json.Marshal(value) // nothing for an infinite number
			return string(text)
		}
	}
	return Unknown{}
}

func literal(kind js.TokenType, text string) any {
	switch kind {
	case js.StringToken:
		if decoded, err := unquote(text); err == nil {
			return decoded
		}
	case js.DecimalToken, js.IntegerToken:
		if n, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64); err == nil {
			return n
		}
	case js.TrueToken:
		return true
	case js.FalseToken:
		return false
	case js.NullToken:
		return nil
	}
	return Unknown{}
}

// escapes are what Go writes differently from JavaScript in a text.
var escapes = strings.NewReplacer(`\\`, `\\`, `\"`, `\"`, `"`, `\"`, `\'`, `'`, "\\`", "`", `\$`, `$`, `\/`, `/`,
	`\x`, `\u00`, "\\\n", "", "\n", `\n`)

// unquote decodes a text of JavaScript in quotes of any kind.
func unquote(text string) (string, error) {
	return strconv.Unquote(`"` + escapes.Replace(text[1:len(text)-1]) + `"`)
}

func (s *Script) template(t *js.TemplateExpr) any {
	if t.Tag != nil {
		return Unknown{}
	}
	var b strings.Builder
	for _, part := range t.List {
		text := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(string(part.Value), "`"), "}"), "${")
		decoded, err := unquote("'" + text + "'")
		if err != nil {
			return Unknown{}
		}
		b.WriteString(decoded)
		value, is := textOf(s.Value(part.Expr))
		if !is {
			return Unknown{}
		}
		b.WriteString(value)
	}
	tail := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(string(t.Tail), "`"), "}"), "`")
	decoded, err := unquote("'" + tail + "'")
	if err != nil {
		return Unknown{}
	}
	return b.String() + decoded
}

// textOf is a value as it stands in a text.
func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// member is a member of an object. For one of __ENV stands a text.
func (s *Script) member(of js.IExpr, name string) any {
	if v, is := of.(*js.Var); is && string(v.Name()) == "__ENV" {
		return s.environment(name)
	}
	if object, is := s.Value(of).(map[string]any); is {
		if value, is := object[name]; is {
			return value
		}
	}
	return Unknown{}
}

func (s *Script) binary(b *js.BinaryExpr) any {
	x, y := s.Value(b.X), s.Value(b.Y)
	switch b.Op {
	case js.OrToken, js.NullishToken: // __ENV.NAME || "default"
		if text, is := x.(string); is && !strings.HasPrefix(text, "\x00") && text != "" {
			return x
		}
		return y
	case js.AddToken:
		left, isLeft := textOf(x)
		right, isRight := textOf(y)
		m, isNumber := x.(float64)
		n, both := y.(float64)
		switch {
		case isNumber && both:
			return m + n
		case isLeft && isRight:
			return left + right
		}
	case js.MulToken:
		if m, is := x.(float64); is {
			if n, both := y.(float64); both {
				return m * n
			}
		}
	}
	return Unknown{}
}

func (s *Script) object(o *js.ObjectExpr) any {
	object := map[string]any{}
	for _, p := range o.List {
		switch {
		case p.Spread:
			more, is := s.Value(p.Value).(map[string]any)
			if !is {
				return Unknown{}
			}
			maps.Copy(object, more)
		case p.Name == nil: // { name }
			if v, is := p.Value.(*js.Var); is {
				object[string(v.Name())] = s.Value(v)
			}
		case p.Name.IsComputed():
			text, is := s.Value(p.Name.Computed).(string)
			if !is {
				return Unknown{}
			}
			object[text] = s.Value(p.Value)
		default:
			key := string(p.Name.Literal.Data)
			if p.Name.Literal.TokenType == js.StringToken {
				key, _ = unquote(key)
			}
			object[key] = s.Value(p.Value)
		}
	}
	return object
}
