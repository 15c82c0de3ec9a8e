package request

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"plan/internal/secret"
)

// hideRequest puts variables in the place of the secrets of a request.
func (s *Source) hideRequest(r *Request) {
	for i, h := range r.Headers {
		r.Headers[i].Value = s.hideHeader(h)
	}
	s.hideQuery(r)
	if r.Body == nil {
		return
	}
	body := *r.Body
	body.JSON = s.hideFields(body.JSON)
	for _, span := range slices.Backward(secret.Spans(body.Text, nil)) { // what looks like secrets
		hidden := s.hidden("secret", "A secret in the body of a request", body.Text[span[0]:span[1]])
		body.Text = body.Text[:span[0]] + hidden + body.Text[span[1]:]
	}
	body.Form, body.Parts = slices.Clone(body.Form), slices.Clone(body.Parts)
	for i, p := range body.Form {
		body.Form[i].Value = s.hideField(p.Name, p.Value)
	}
	for i, p := range body.Parts {
		body.Parts[i].Text = s.hideField(p.Name, p.Text)
	}
	r.Body = &body
}

// hideField is the value of a field of a body or a query with a variable in the place of
// a secret.
func (s *Source) hideField(name, value string) string {
	if value == "" || !secret.Name(name) {
		return value
	}
	return s.hidden(variableName(name), "The field "+name+" of a request", value)
}

// hideQuery moves the secrets of a query out of the path, since their variables hold
// them as they are, and not encoded.
func (s *Source) hideQuery(r *Request) {
	path, query, _ := strings.Cut(r.Path, "?")
	var open []string
	for field := range strings.SplitSeq(query, "&") {
		if pairs := formPairs(field); len(pairs) == 1 && !strings.Contains(field, "\x00") {
			if value := s.hideField(pairs[0].Name, pairs[0].Value); value != pairs[0].Value {
				r.Query = append(r.Query, Pair{pairs[0].Name, value})
				continue
			}
		}
		open = append(open, field)
	}
	if len(open) < strings.Count(query, "&")+1 {
		r.Path = path
		if len(open) > 0 {
			r.Path += "?" + strings.Join(open, "&")
		}
	}
}

// hideFields is a value of JSON with variables in the place of secrets.
func (s *Source) hideFields(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if text, is := v[name].(string); is {
				v[name] = s.hideField(name, text)
			} else {
				v[name] = s.hideFields(v[name])
			}
		}
	case []any:
		for i := range v {
			v[i] = s.hideFields(v[i])
		}
	}
	return value
}

// variableName is the name of a variable for a header or a field.
func variableName(text string) string {
	name := strings.ReplaceAll(strings.ToLower(cleanName(text)), "-", "_")
	if !identifier.MatchString(name) {
		name = "field_" + name // it begins with a digit
	}
	return name
}

// hideHeader is the value of a header with a variable in the place of a secret.
func (s *Source) hideHeader(h Pair) string {
	switch {
	case strings.Contains(h.Value, "\x00"):
		return h.Value
	case strings.EqualFold(h.Name, "Authorization") || strings.EqualFold(h.Name, "Proxy-Authorization"):
		scheme, token, is := strings.Cut(h.Value, " ")
		if !is {
			return s.hidden("authorization", "The header "+h.Name, h.Value)
		}
		name, what := "token", "Token of the API, sent as "+h.Name+": "+scheme
		if strings.EqualFold(scheme, "basic") {
			name, what = "basic", "NAME:PASSWORD in base64, sent as "+h.Name+": "+scheme
		}
		return scheme + " " + s.hidden(name, what, strings.TrimSpace(token))
	case strings.EqualFold(h.Name, "Cookie"):
		return s.hidden("cookie", "The header Cookie", h.Value)
	case secret.Name(h.Name):
		return s.hidden(variableName(h.Name), "The header "+h.Name, h.Value)
	}
	return h.Value
}

// hidden is a reference to a variable for a secret, which is added. The same secret has
// one variable.
func (s *Source) hidden(name, description, value string) string {
	if strings.Contains(value, "\x00") {
		return value
	}
	if s.secrets == nil {
		s.secrets = map[string]string{}
	}
	unique := name
	for n := 2; ; n++ {
		if known, is := s.secrets[unique]; !is || known == value {
			break
		}
		unique = fmt.Sprintf("%s_%d", name, n)
	}
	s.secrets[unique] = value
	return s.secret(unique, description)
}
