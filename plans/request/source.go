package request

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"plan/internal/secret"
)

// Kind is what a file is that init reads.
type Kind string

// The kinds of files.
const (
	Compose Kind = "a Compose file"
	OpenAPI Kind = "an OpenAPI document"
	Curl    Kind = "curl command lines"
	HAR     Kind = "a HAR file"
	K6      Kind = "a k6 script"
)

// Source is the requests of users, as they were read.
type Source struct {
	From        string // for people: "openapi.json"; "" where they were not read
	Requests    []Request
	Others      []Request // that a comment of the scenario lists
	ThinkTime   string    // an expression of the language; "": none
	Headers     []Pair    // of all requests
	Auth        *Auth
	Host        string // host:port that the requests go to; "" where it is not named
	Load        *Load  // of a k6 script that has options; else nil
	Guess       string // why the requests are not those of users; "" where they are
	Refused     string // how the API responded to the request when a probe sent it; "" where it answered, or was not asked
	Status      int    // of Refused
	Logged      string // the last line that the API wrote to its log then
	Undescribed bool   // the document does not say what body the request takes
	Variables   []Variable
	Notes       []string // what was left out, and why

	secrets map[string]string // values of secrets, by their variables
	keys    []apiKey
	base    string   // that the server of a document puts before all paths
	fromAPI []string // keys that are those of the API's environment, for people
}

// Request is one request of a scenario. A text may hold references to variables.
type Request struct {
	Name         string
	Method, Path string // the path with its query, encoded
	Query        []Pair // what has references to encode; it follows that of the path
	Headers      []Pair
	Body         *Body // nil: none
	Weight       int   // 0: 1
	Status       []int // that it expects; nil: any 2xx
	Timeout      string
	Redirects    int
}

// Pair is a name with a value.
type Pair struct{ Name, Value string }

// Body is what a request sends; one of the fields.
type Body struct {
	JSON  any // nil: none, since no request sends null
	Text  string
	Form  []Pair
	Parts []Part
	File  string
}

// Part is a text or a file of a multipart body.
type Part struct{ Name, Text, File, Type string }

// Auth is how all requests show who sends them: a token, or a name and a password.
type Auth struct{ Bearer, Username, Password string }

// Variable is a variable of the plan that must be given a value.
type Variable struct {
	Name, Description string
	Secret            bool
}

// Load is the load that a script asks for.
type Load struct {
	Lines     []string // of the block load, besides its scenario
	Threshold []string // of the block threshold
}

// IsCurl reports whether a text is a curl command line, and not the name of a file.
func IsCurl(text string) bool { return curlStart.MatchString(text) }

var (
	curlStart = regexp.MustCompile(`^\s*(?:\$[ \t]+)?curl(?:\.exe)?\s`)
	curlLine  = regexp.MustCompile(`(?m)^[ \t]*(?:\$[ \t]+)?curl(?:\.exe)?\s`)
	k6Import  = regexp.MustCompile(`["']k6(?:/[a-z]+)?["']`)
)

// KindOf returns what a file is, by its content; a Compose file where nothing says
// otherwise.
func KindOf(name string, content []byte) Kind {
	switch extension := strings.ToLower(filepath.Ext(name)); {
	case slices.Contains([]string{".js", ".ts", ".mjs"}, extension), k6Import.Match(content) && bytes.Contains(content,
		[]byte("import")):
		return K6
	}
	model := decode(content)
	log, _ := model["log"].(map[string]any)
	switch {
	case model["openapi"] != nil || model["swagger"] != nil:
		return OpenAPI
	case log["entries"] != nil:
		return HAR
	case model["services"] == nil && curlLine.Match(content):
		return Curl
	}
	return Compose
}

// decode returns the value of a JSON or YAML text; nil where it is not an object.
func decode(content []byte) map[string]any {
	var model any
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if decoder.Decode(&model) != nil && yaml.Unmarshal(content, &model) != nil {
		return nil
	}
	object, _ := plain(model).(map[string]any)
	return object
}

// plain returns a value of YAML with texts as the names of all objects.
func plain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, x := range v {
			v[name] = plain(x)
		}
	case map[any]any:
		object := map[string]any{}
		for name, x := range v {
			object[fmt.Sprint(name)] = plain(x)
		}
		return object
	case []any:
		for i, x := range v {
			v[i] = plain(x)
		}
	}
	return value
}

// Read reads a file of a kind other than Compose. The name is for people.
func Read(name string, content []byte, kind Kind) (*Source, error) {
	s := &Source{From: name}
	var err error
	switch kind {
	case OpenAPI:
		err = s.openAPI(decode(content))
	case Curl:
		err = s.curl(string(content))
	case HAR:
		err = s.har(content)
	case K6:
		err = s.k6(content)
	default:
		err = fmt.Errorf("it is %s", kind)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read as %s: %w", name, kind, err)
	}
	s.nameRequests()
	return s, nil
}

// ThinkTime is the pause of a user between a response and the next request, where the source has none.
const ThinkTime = `between("1s", "3s")`

// Guessed returns one request as a source with think time. from says where it was read, and guess why it is not one of
// users.
func Guessed(from, guess string, r Request) *Source {
	s := &Source{From: from, ThinkTime: ThinkTime, Guess: guess, Requests: []Request{r}}
	s.nameRequests()
	return s
}

// IsComplete reports whether the first request needs nothing besides its path and body: neither a value that is
// not known here, nor a header.
func (s *Source) IsComplete() bool {
	r := s.Requests[0]
	return s.Auth == nil && len(s.Headers)+len(r.Headers)+len(r.Query)+len(s.keys) == 0
}

// Secrets returns the values of secrets that the requests were read with, by the variables that stand for them.
func (s *Source) Secrets() map[string]string { return s.secrets }

// Note adds a note, with the secrets of what it quotes left out.
func (s *Source) Note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, span := range slices.Backward(secret.Spans(text, nil)) {
		text = text[:span[0]] + "…" + text[span[1]:]
	}
	text = namedValue.ReplaceAllStringFunc(text, func(found string) string {
		parts := namedValue.FindStringSubmatch(found)
		if !secret.Name(parts[1]) {
			return found
		}
		return parts[1] + parts[2] + "…"
	})
	if !slices.Contains(s.Notes, text) {
		s.Notes = append(s.Notes, text)
	}
}

// namedValue is a value behind its name: in a query, or in an object of JavaScript.
var namedValue = regexp.MustCompile("([A-Za-z0-9_-]+)([\"']?\\s*[:=]\\s*[\"'`]?)([^\\s\"'`&?;,{}$]+)")

// nameRequests names each request that has no name after its path, and makes the
// names unique.
func (s *Source) nameRequests() {
	used := map[string]bool{}
	for _, list := range [][]Request{s.Requests, s.Others} {
		for i := range list {
			name := cleanName(list[i].Name)
			if name == "" {
				name = pathName(list[i].Path)
			}
			unique := name
			for n := 2; used[unique]; n++ {
				unique = fmt.Sprintf("%s-%d", name, n)
			}
			used[unique] = true
			list[i].Name = unique
		}
	}
}

var noName = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

func cleanName(text string) string { return strings.Trim(noName.ReplaceAllString(text, "-"), "-") }

// pathName names a request after the last part of its path that is a word.
func pathName(path string) string {
	path, _, _ = strings.Cut(path, "?")
	for _, part := range slices.Backward(strings.Split(path, "/")) {
		if name := cleanName(part); strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			return name
		}
	}
	return "root"
}
