package openapi

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// methods are those of the operations of a path, in the order in which they are read.
var methods = []string{"post", "get", "put", "patch", "delete", "head", "options"}

// Operation is one operation of a document.
type Operation struct {
	Method, Path string
	Object       map[string]any
	Shared       []any // parameters of all operations of the path
	score        int   // how much it looks like a prediction
}

// Operations returns the operations of a document, the one that looks most like a
// prediction first.
func (d Document) Operations() ([]Operation, error) {
	paths := d.Object(d["paths"])
	if len(paths) == 0 {
		return nil, errors.New("it has no paths")
	}
	base, _ := d.Server()
	var list []Operation
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := d.Object(paths[path])
		shared, _ := item["parameters"].([]any)
		for _, method := range methods {
			if object, is := item[method].(map[string]any); is {
				o := Operation{Method: strings.ToUpper(method), Path: base + path, Object: object, Shared: shared}
				o.score = o.likeness()
				list = append(list, o)
			}
		}
	}
	if len(list) == 0 {
		return nil, errors.New("its paths have no operations")
	}
	slices.SortStableFunc(list, func(a, b Operation) int {
		return cmp.Or(b.score-a.score, strings.Count(a.Path, "/")-strings.Count(b.Path, "/"))
	})
	return list, nil
}

// likely is the least likeness of a prediction.
const likely = 20

var (
	predicts = regexp.MustCompile(`(?i)predict|infer|invocation|classif|score|generat|complet|embed|detect|segment|` +
		`recommend|rerank|transcri|translat|summar|forecast|estimat|recogni|similar|caption|` +
		`answer|\bask\b|\bquery\b|\bchat\b`)
	manages = regexp.MustCompile(`(?i)login|logout|token|auth|regist|sign-?up|password|train|upload|feedback|reload|` +
		`admin|delete|health|metrics|cache|config|user|explain|batch|stream|interpret|history|` +
		`status|info`)
	// surely are the words of predictions that mean nothing else.
	surely  = regexp.MustCompile(`(?i)predict|infer|invocation`)
	watches = regexp.MustCompile(`(?i)health|ready|live|ping|metrics|docs|openapi|version|status`)
)

// IsLikely reports whether an operation looks like a prediction.
func (o Operation) IsLikely() bool { return o.score >= likely }

// likeness is how much an operation looks like a prediction: a word for one in its
// path counts most, then one in its name. A body that is described can be sent.
func (o Operation) likeness() int {
	name, _ := o.Object["operationId"].(string)
	summary, _ := o.Object["summary"].(string)
	score := 0
	if predicts.MatchString(o.Path) {
		score += likely
		if o.describesBody() {
			score += likely / 2
		}
		if surely.MatchString(o.Path) {
			score += likely / 4
		}
	} else if predicts.MatchString(name + " " + summary) {
		score += likely / 2
	}
	if manages.MatchString(o.Path) {
		score -= likely / 2
	}
	switch {
	case o.Method == "POST":
		score += likely / 2
	case o.Method != "GET":
		score -= 2 * likely
	case watches.MatchString(o.Path):
		score -= likely / 2
	}
	if deprecated, _ := o.Object["deprecated"].(bool); deprecated {
		score--
	}
	return score
}

// Parameters returns those of the operation, its own before those of its path, which they override.
func (o Operation) Parameters() []any {
	own, _ := o.Object["parameters"].([]any)
	return slices.Concat(own, o.Shared)
}

// describesBody reports whether the document says what body the operation takes.
func (o Operation) describesBody() bool {
	return o.Object["requestBody"] != nil || slices.ContainsFunc(o.Parameters(), func(parameter any) bool {
		p, _ := parameter.(map[string]any)
		return p["in"] == "body" || p["in"] == "formData"
	})
}

// Server is the path that the first server of a document puts before all paths, and
// its host:port.
func (d Document) Server() (base, host string) {
	text, _ := d["basePath"].(string)
	host, _ = d["host"].(string)
	if servers, _ := d["servers"].([]any); len(servers) > 0 {
		server := d.Object(servers[0])
		text, _ = server["url"].(string)
		for name, variable := range d.Object(server["variables"]) {
			text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(d.Object(variable)["default"]))
		}
	}
	if u, err := url.Parse(text); err == nil {
		return strings.TrimSuffix(u.Path, "/"), cmp.Or(u.Host, host)
	}
	return "", host
}

// Preferred is the media type of a body that the language writes best.
func Preferred(content map[string]any) string {
	names := slices.Sorted(maps.Keys(content))
	rank := func(name string) int {
		switch {
		case strings.HasPrefix(name, "application/json"):
			return 0
		case strings.Contains(name, "json"), name == "*/*":
			return 1
		case name == "application/x-www-form-urlencoded":
			return 2
		case name == "multipart/form-data":
			return 3
		}
		return 4
	}
	return slices.MinFunc(names, func(a, b string) int { return rank(a) - rank(b) })
}
