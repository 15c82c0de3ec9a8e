package probe

import (
	"bytes"
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"plan/plans/request"
)

// formOf returns the request that the first form of a page sends by POST, with a guess at what a person writes into it;
// nil where the page has none, or where its form has a password or a file.
func formOf(page []byte, at string) *request.Source {
	tokens := html.NewTokenizer(bytes.NewReader(page))
	var f *form
	for {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			return nil
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := tokens.Token()
			if tag.Data == "form" && strings.EqualFold(attribute(tag, "method"), "post") {
				f = &form{action: attribute(tag, "action"), multipart: attribute(tag, "enctype") == "multipart/form-data"}
			} else if f != nil {
				f.field(tag)
			}
		case html.EndTagToken:
			if tag := tokens.Token(); tag.Data == "form" && f != nil {
				if s := f.source(at); s != nil {
					return s
				}
				f = nil
			}
		}
	}
}

// form is a form of HTML.
type form struct {
	action    string
	multipart bool
	fields    []request.Pair
	chosen    bool // in the select of the last field, by the page
	unusable  bool
}

func attribute(tag html.Token, name string) string {
	i := slices.IndexFunc(tag.Attr, func(a html.Attribute) bool { return a.Key == name })
	if i < 0 {
		return ""
	}
	return tag.Attr[i].Val
}

var number = regexp.MustCompile(`-?\d+(?:\.\d+)?`)

// field adds what a tag of a form sends.
func (f *form) field(tag html.Token) {
	name, value := attribute(tag, "name"), attribute(tag, "value")
	has := slices.ContainsFunc(f.fields, func(p request.Pair) bool { return p.Name == name })
	switch tag.Data {
	case "option": // of the select before it
		last := len(f.fields) - 1
		selected := slices.ContainsFunc(tag.Attr, func(a html.Attribute) bool { return a.Key == "selected" })
		if last >= 0 && value != "" && (f.fields[last].Value == "" || selected && !f.chosen) {
			f.fields[last].Value, f.chosen = value, selected
		}
	case "select":
		if name != "" {
			f.fields, f.chosen = append(f.fields, request.Pair{Name: name, Value: ""}), false
		}
	case "textarea":
		if name != "" {
			f.fields = append(f.fields, request.Pair{Name: name, Value: "text"})
		}
	case "input":
		switch kind := strings.ToLower(attribute(tag, "type")); kind {
		case "password", "file":
			f.unusable = true
		case "submit", "button", "reset", "image":
		case "radio", "checkbox":
			if name != "" && !has {
				f.fields = append(f.fields, request.Pair{Name: name, Value: cmp.Or(value, "on")})
			}
		default:
			if name != "" && !has {
				f.fields = append(f.fields, request.Pair{Name: name, Value: cmp.Or(value, typed(kind, tag))})
			}
		}
	}
}

// typed is what a person may write into an input of a kind: a number is a text as well.
func typed(kind string, tag html.Token) string {
	switch kind {
	case "date":
		return "2026-01-15"
	case "email":
		return "user@example.com"
	case "hidden":
		return ""
	}
	return cmp.Or(number.FindString(attribute(tag, "placeholder")), attribute(tag, "min"), "1")
}

// source is the request of a form on the page of a path; nil where a load cannot send it.
func (f *form) source(at string) *request.Source {
	target, err := url.Parse(at)
	if err == nil {
		target, err = target.Parse(f.action)
	}
	if err != nil || target.Host != "" || f.unusable || len(f.fields) == 0 {
		return nil
	}
	body := &request.Body{Form: f.fields}
	if f.multipart {
		body = &request.Body{}
		for _, p := range f.fields {
			body.Parts = append(body.Parts, request.Part{Name: p.Name, Text: p.Value})
		}
	}
	return request.Guessed("the form of GET "+at, "its values are made from the inputs of the form", request.Request{
		Method: "POST", Path: target.RequestURI(), Body: body,
	})
}
