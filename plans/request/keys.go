package request

import (
	"maps"
	"slices"
	"strings"

	"plan/internal/secret"
	"plan/plans/request/openapi"
)

// apiKey is a header that shows who asks.
type apiKey struct {
	header   string
	variable string // that has its value; "" where the header may be left out
}

// key adds a header that shows who asks, once.
func (s *Source) key(header string) {
	known := func(k apiKey) bool { return strings.EqualFold(k.header, header) }
	if slices.ContainsFunc(s.keys, known) {
		return
	}
	s.Headers = append(s.Headers, Pair{header, s.secret("api_key", "Key of the API, sent as "+header)})
	s.keys = append(s.keys, apiKey{header, "api_key"})
}

// optionalKeys finds the keys that an operation takes and does not require: code that checks a key itself often
// declares it so.
func (s *Source) optionalKeys(d openapi.Document, o openapi.Operation) {
	for _, parameter := range o.Parameters() {
		p := d.Object(parameter)
		name, _ := p["name"].(string)
		required, _ := p["required"].(bool)
		if p["in"] == "header" && !required && secret.Name(name) {
			s.keys = append(s.keys, apiKey{header: name})
		}
	}
}

// WithKeys returns the source with the keys that the API has in its environment: X-API-Key is API_KEY, where it has a
// variable of that name. environment has variables of the plan, by their names in the environment of the API.
func (s *Source) WithKeys(environment map[string]string) *Source {
	known := *s
	known.Headers, known.Variables, known.keys = slices.Clone(s.Headers), slices.Clone(s.Variables), nil
	for _, k := range s.keys {
		name := sameKey(k.header, slices.Sorted(maps.Keys(environment)))
		variable := environment[name]
		switch {
		case name == "":
			known.keys = append(known.keys, k)
			continue
		case k.variable == "":
			known.Headers = append(known.Headers, Pair{k.header, reference(variable)})
		default:
			for i := range known.Headers {
				if known.Headers[i].Value == reference(k.variable) {
					known.Headers[i].Value = reference(variable)
				}
			}
			known.Variables = slices.DeleteFunc(known.Variables, func(v Variable) bool { return v.Name == k.variable })
		}
		known.fromAPI = append(known.fromAPI, k.header+" is "+name+" of the API")
	}
	return &known
}

// keyPrefixes are words before the name of a key in an environment that say whose it is: the API's own.
var keyPrefixes = []string{"", "X", "API", "APP", "SERVICE", "SERVER", "BACKEND", "FASTAPI", "ML", "MODEL"}

// sameKey is the name of an environment that a header is called after; "" for none.
func sameKey(header string, names []string) string {
	plain := func(text string) string {
		return strings.NewReplacer("_", "", "-", "").Replace(strings.ToUpper(text))
	}
	wanted := strings.TrimPrefix(plain(header), "X")
	for _, prefix := range keyPrefixes {
		for _, name := range names {
			if plain(name) == prefix+wanted {
				return name
			}
		}
	}
	return ""
}
