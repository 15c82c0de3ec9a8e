package request

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"plan/internal/secret"
	"plan/plans/request/openapi"
)

// openAPI reads a document of version 2 or 3. The request of the scenario is the
// operation that looks most like a prediction.
func (s *Source) openAPI(model map[string]any) error {
	d := openapi.Document(model)
	list, err := d.Operations()
	if err != nil {
		return err
	}
	base, host := d.Server()
	s.Host, s.ThinkTime, s.base = host, ThinkTime, base
	if base != "" {
		s.Note("%s", baseNote(base))
	}
	for i, o := range list {
		r, made, err := requestOf(d, o)
		switch {
		case err != nil && i > 0:
			s.Note("%s %s is left out: %v", o.Method, o.Path, err)
			continue
		case err != nil:
			return err
		case i > 0:
			s.Others = append(s.Others, r.request)
			continue
		}
		s.Requests = []Request{r.request}
		s.Notes = append(s.Notes, r.notes...)
		s.Variables = append(s.Variables, r.variables...)
		for _, header := range r.keys {
			s.key(header)
		}
		s.secure(d, o)
		s.optionalKeys(d, o)
		switch {
		case !o.IsLikely():
			s.Guess = fmt.Sprintf("no operation of %s looks like a prediction", s.From)
		case isUndescribed(d, o, r.request):
			s.Guess = fmt.Sprintf("the document does not say what %s %s takes", o.Method, o.Path)
			s.Undescribed = true
		case made:
			s.Guess = fmt.Sprintf("values of %s are made from its schema, which has no example", r.request.Name)
		}
	}
	return nil
}

// baseNote is what is noted of the path that the server of a document puts before all paths.
func baseNote(base string) string {
	return fmt.Sprintf("the paths begin with %s, from servers of the document: remove it if a proxy adds it", base)
}

// WithoutBase returns the source with paths that do not begin with that of the document's
// server, which a proxy in front of the API may remove; nil where the document has none.
func (s *Source) WithoutBase() *Source {
	if s.base == "" {
		return nil
	}
	own := *s
	own.base, own.Notes = "", slices.Clone(s.Notes)
	own.Requests, own.Others = slices.Clone(s.Requests), slices.Clone(s.Others)
	for _, list := range [][]Request{own.Requests, own.Others} {
		for i := range list {
			list[i].Path = strings.TrimPrefix(list[i].Path, s.base)
		}
	}
	own.Notes = slices.DeleteFunc(own.Notes, func(note string) bool { return note == baseNote(s.base) })
	return &own
}

// isUndescribed reports whether a document has neither a body nor parameters of a path or a
// query for an operation by POST, as it is where its code reads the body itself.
func isUndescribed(d openapi.Document, o openapi.Operation, r Request) bool {
	return o.Method == "POST" && r.Body == nil &&
		!slices.ContainsFunc(o.Parameters(), func(parameter any) bool {
			in := d.Object(parameter)["in"]
			return in == "path" || in == "query"
		})
}

// placeholders are the parameters of a path.
var placeholders = regexp.MustCompile(`\{[^{}]*\}`)

// madeRequest is a request with what was noted while it was made.
type madeRequest struct {
	request   Request
	notes     []string
	variables []Variable
	keys      []string // required headers that show who asks, without an example
}

// requestOf makes the request of an operation. made reports whether a value of it is
// invented. The error is that of a request that cannot be written.
func requestOf(d openapi.Document, o openapi.Operation) (r madeRequest, made bool, err error) {
	r.request = Request{Name: pathName(placeholders.ReplaceAllString(o.Path, "")), Method: o.Method, Path: o.Path}
	query := url.Values{}
	var form []Pair
	var parts []Part
	given := map[string]bool{}
	for _, parameter := range o.Parameters() {
		p := d.Object(parameter)
		name, _ := p["name"].(string)
		in, _ := p["in"].(string)
		required, _ := p["required"].(bool)
		if given[in+name] || in != "path" && !required {
			continue
		}
		given[in+name] = true
		value, invented := valueOf(d, p)
		if in == "header" && invented && (secret.Name(name) || strings.EqualFold(name, "Authorization")) {
			r.keys = append(r.keys, name)
			continue
		}
		made = made || invented
		explode, _ := p["explode"].(bool) // in a path and a header
		switch in {
		case "path":
			text := joined(value, explode, ",", url.PathEscape)
			r.request.Path = strings.ReplaceAll(r.request.Path, "{"+name+"}", text)
		case "query":
			for _, pair := range fieldsOf(p, name, value) {
				query.Add(pair.Name, pair.Value)
			}
		case "header":
			r.request.Headers = append(r.request.Headers, Pair{name, joined(value, explode, ",", unescaped)})
		case "cookie":
			r.notes = append(r.notes, fmt.Sprintf("the cookie %s is left out: an on_start gets cookies", name))
		case "body":
			r.request.Body = &Body{JSON: value}
		case "formData":
			if kind, _ := p["type"].(string); kind == "file" {
				parts = append(parts, Part{Name: name, File: r.file(name)})
			} else {
				for _, pair := range fieldsOf(p, name, value) {
					form, parts = append(form, pair), append(parts, Part{Name: pair.Name, Text: pair.Value})
				}
			}
		}
	}
	if strings.Contains(r.request.Path, "{") {
		return r, made, errors.New("its path has a parameter that it does not describe")
	}
	if len(query) > 0 {
		r.request.Path += "?" + query.Encode()
	}
	switch {
	case len(parts) > len(form):
		r.request.Body = &Body{Parts: parts}
	case len(form) > 0:
		r.request.Body = &Body{Form: form}
	}
	content := d.Object(d.Object(o.Object["requestBody"])["content"])
	if len(content) == 0 {
		return r, made, nil
	}
	media := openapi.Preferred(content)
	description := d.Object(content[media])
	value, invented := d.Example(description, description["schema"])
	made = made || invented
	switch {
	case strings.Contains(media, "json"), media == "*/*":
		r.request.Body = &Body{JSON: value}
	case media == "application/x-www-form-urlencoded":
		r.request.Body = &Body{Form: formOf(value)}
	case media == "multipart/form-data":
		properties := d.Object(d.Resolve(description["schema"])["properties"])
		var parts []Part
		for _, p := range formOf(value) {
			part := Part{Name: p.Name, Text: p.Value}
			if d.IsFile(properties[p.Name]) {
				part = Part{Name: p.Name, File: r.file(p.Name)}
			}
			parts = append(parts, part)
		}
		r.request.Body = &Body{Parts: parts}
	case strings.HasPrefix(media, "text/"):
		r.request.Body = &Body{Text: fmt.Sprint(value)}
		r.request.Headers = append(r.request.Headers, Pair{"Content-Type", media})
	default:
		r.request.Body = &Body{File: r.file("body")}
		r.request.Headers = append(r.request.Headers, Pair{"Content-Type", media})
	}
	if r.request.Body.JSON == nil && strings.Contains(media, "json") {
		r.request.Body.JSON = map[string]any{}
	}
	return r, made, nil
}

// valueOf is the value of a parameter. One that is described by a content is its text.
func valueOf(d openapi.Document, p map[string]any) (value any, made bool) {
	if content := d.Object(p["content"]); len(content) > 0 {
		media := openapi.Preferred(content)
		description := d.Object(content[media])
		value, made = d.Example(description, description["schema"])
		if strings.Contains(media, "json") {
			return jsonText(value), made
		}
		return plainText(value), made
	}
	schema := p["schema"]
	if schema == nil { // of version 2
		schema = p
	}
	return d.Example(p, schema)
}

// fieldsOf are the fields of a query or a form for the value of a parameter: one for each
// element of a list or property of an object, unless its style joins them. Version 2 says
// with collectionFormat what version 3 says with style and explode.
func fieldsOf(p map[string]any, name string, value any) []Pair {
	style, _ := p["style"].(string)
	explode, is := p["explode"].(bool)
	if !is {
		explode = style == "" || style == "form"
	}
	if p["schema"] == nil {
		style, _ = p["collectionFormat"].(string)
		explode = style == "multi"
	}
	switch v := value.(type) {
	case []any:
		if explode {
			return repeated(name, v)
		}
	case map[string]any:
		if explode || style == "deepObject" {
			pairs := pairsOf(v)
			for i := range pairs {
				if style == "deepObject" {
					pairs[i].Name = name + "[" + pairs[i].Name + "]"
				}
			}
			return pairs
		}
	}
	separator := map[string]string{
		"spaceDelimited": " ", "ssv": " ", "pipeDelimited": "|", "pipes": "|", "tsv": "\t",
	}[style]
	return []Pair{{name, joined(value, false, cmp.Or(separator, ","), unescaped)}}
}

// formOf are the fields of a form for an object, one for each element of a list.
func formOf(value any) []Pair {
	object, _ := value.(map[string]any)
	form := []Pair{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		list, is := object[name].([]any)
		if !is {
			list = []any{object[name]}
		}
		form = append(form, repeated(name, list)...)
	}
	return form
}

// repeated are fields of one name, one for each element of a list.
func repeated(name string, list []any) []Pair {
	var pairs []Pair
	for _, x := range list {
		pairs = append(pairs, Pair{name, plainText(x)})
	}
	return pairs
}

// joined is a value as one text: the elements of a list, or the names and the values of an
// object, which explode puts together.
func joined(value any, explode bool, separator string, escape func(string) string) string {
	var texts []string
	switch v := value.(type) {
	case []any:
		for _, x := range v {
			texts = append(texts, escape(plainText(x)))
		}
	case map[string]any:
		for _, p := range pairsOf(v) {
			if explode {
				texts = append(texts, escape(p.Name)+"="+escape(p.Value))
			} else {
				texts = append(texts, escape(p.Name), escape(p.Value))
			}
		}
	default:
		return escape(plainText(value))
	}
	return strings.Join(texts, separator)
}

func unescaped(text string) string { return text }

// file is a reference to a variable for a file that a request sends.
func (r *madeRequest) file(name string) string {
	variable := variableName(name) + "_file"
	r.variables = append(r.variables, Variable{
		Name: variable, Description: "File beside the plan that " + r.request.Method + " " + r.request.Path + " sends",
	})
	return reference(variable)
}

// pairsOf are the values of an object as a form has them.
func pairsOf(value any) []Pair {
	object, _ := value.(map[string]any)
	pairs := []Pair{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		pairs = append(pairs, Pair{name, plainText(object[name])})
	}
	return pairs
}

// plainText is a value of JSON as a text: a string without quotes.
func plainText(value any) string {
	if text, is := value.(string); is {
		return text
	}
	return jsonText(value)
}

// secure adds what an operation requires to show who asks.
func (s *Source) secure(d openapi.Document, o openapi.Operation) {
	required, is := o.Object["security"].([]any)
	if !is {
		required, _ = d["security"].([]any)
	}
	if len(required) == 0 {
		return
	}
	schemes := d.Object(d.Object(d["components"])["securitySchemes"])
	if len(schemes) == 0 {
		schemes = d.Object(d["securityDefinitions"])
	}
	for _, name := range slices.Sorted(maps.Keys(d.Object(required[0]))) { // any one entry does
		scheme := d.Object(schemes[name])
		kind, _ := scheme["type"].(string)
		way, _ := scheme["scheme"].(string)
		at, _ := scheme["name"].(string)
		in, _ := scheme["in"].(string)
		switch {
		case kind == "apiKey" && in == "header":
			s.key(at)
		case kind == "apiKey":
			s.Note("the key %s in the %s is left out: write it into the requests", at, in)
		case kind == "basic", kind == "http" && strings.EqualFold(way, "basic"):
			s.Auth = &Auth{Username: s.variable("username", "User of the API"), Password: s.secret("password",
				"Password of the API")}
		case kind == "oauth2", kind == "openIdConnect", kind == "http":
			s.Auth = &Auth{Bearer: s.secret("token", "Token of the API, sent as Authorization: Bearer")}
		}
	}
}

// secret is a reference to a variable for a secret, which is added.
func (s *Source) secret(name, description string) string {
	return s.add(Variable{Name: name, Description: description, Secret: true})
}

func (s *Source) variable(name, description string) string {
	return s.add(Variable{Name: name, Description: description})
}

func (s *Source) add(v Variable) string {
	if !slices.ContainsFunc(s.Variables, func(other Variable) bool { return other.Name == v.Name }) {
		s.Variables = append(s.Variables, v)
	}
	return reference(v.Name)
}
