package request

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// reference stands for the value of a variable in any text of a Source.
func reference(variable string) string { return "\x00" + variable + "\x00" }

// ScenarioName is the name of the scenario that Scenario writes.
const ScenarioName = "user"

// columns are how wide a comment or a body on one line gets.
const columns = 100

// Scenario writes the variables and the scenario, formatted.
func (s *Source) Scenario() []byte {
	var b strings.Builder
	for _, v := range s.Variables {
		fmt.Fprintf(&b, "variable %q {\ntype = string\ndescription = %s\n", v.Name, quote(v.Description))
		if v.Secret {
			b.WriteString("sensitive = true\n")
		}
		b.WriteString("}\n\n")
	}
	if s.From == "" {
		comment(&b, "What a user does, over and over.")
	} else {
		comment(&b, "What a user does, over and over: the requests of "+s.From+".")
	}
	fmt.Fprintf(&b, "scenario %q {\n", ScenarioName)
	if s.Guess != "" {
		comment(&b, "A guess: "+s.Guess+".")
	}
	if s.Refused != "" {
		comment(&b, "The API did not answer it: "+s.Refused+".")
	}
	if s.Guess != "" {
		b.WriteString("guessed = true # remove this line once the requests are those of your users\n")
	}
	if s.ThinkTime != "" {
		fmt.Fprintf(&b, "think_time = %s\n", s.ThinkTime)
	}
	for _, text := range s.fromAPI {
		comment(&b, text+".")
	}
	writeHeaders(&b, s.Headers)
	if a := s.Auth; a != nil {
		b.WriteString("\nauth {\n")
		if a.Bearer != "" {
			fmt.Fprintf(&b, "bearer = %s\n", quote(a.Bearer))
		} else {
			fmt.Fprintf(&b, "basic {\nusername = %s\npassword = %s\n}\n", quote(a.Username), quote(a.Password))
		}
		b.WriteString("}\n")
	}
	for _, r := range s.Requests {
		b.WriteString("\n")
		r.write(&b)
	}
	if len(s.Others) > 0 {
		b.WriteString("\n")
		comment(&b, "Other requests that "+s.From+" has:")
	}
	for i, r := range s.Others {
		var other strings.Builder
		r.write(&other)
		if i > 0 {
			b.WriteString("#\n")
		}
		for line := range strings.Lines(string(hclwrite.Format([]byte(other.String())))) {
			b.WriteString("# " + line)
		}
	}
	b.WriteString("}\n")
	return hclwrite.Format([]byte(strings.ReplaceAll(b.String(), "{\n\n", "{\n")))
}

// Check writes a stage with the load of the script against a service, at the memory
// that search.memory finds; nothing where the source has no load.
func (s *Source) Check(service string) []byte {
	if s.Load == nil {
		return nil
	}
	var b strings.Builder
	comment(&b, "The load of "+s.From+", at the memory that was found.")
	fmt.Fprintf(&b, "check \"load\" {\nservice = service.%s\n\nset {\nmemory = search.memory.recommended.memory\n}\n\n",
		service)
	fmt.Fprintf(&b, "load {\nscenario = scenario.%s\n%s\n}\n", ScenarioName, strings.Join(s.Load.Lines, "\n"))
	if len(s.Load.Threshold) > 0 {
		fmt.Fprintf(&b, "\nthreshold {\n%s\n}\n", strings.Join(s.Load.Threshold, "\n"))
	}
	b.WriteString("}\n")
	return hclwrite.Format([]byte(b.String()))
}

// comment writes a text as lines of a comment.
func comment(b *strings.Builder, text string) {
	line := "#"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > columns {
			b.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

func (r Request) write(b *strings.Builder) {
	fmt.Fprintf(b, "request %q {\n", r.Name)
	usual := "GET"
	if r.Body != nil {
		usual = "POST"
	}
	if r.Method != usual {
		fmt.Fprintf(b, "method = %q\n", r.Method)
	}
	fmt.Fprintf(b, "path = %s\n", quote(r.Path))
	if len(r.Query) > 0 {
		fmt.Fprintf(b, "query = %s\n", fields(r.Query))
	}
	switch {
	case r.Body == nil:
		writeHeaders(b, r.Headers)
	case isLong(r.Body.JSON):
		headers := r.Headers
		if headerOf(headers, "Content-Type") == "" {
			headers = append(slices.Clone(headers), Pair{"Content-Type", jsonType})
		}
		writeHeaders(b, headers)
		fmt.Fprintf(b, "body = \"%s\"\n", template(r.Body.JSON))
	default:
		writeHeaders(b, r.Headers)
		r.Body.write(b)
	}
	if r.Weight > 1 {
		fmt.Fprintf(b, "weight = %d\n", r.Weight)
	}
	if r.Timeout != "" {
		fmt.Fprintf(b, "timeout = %q\n", r.Timeout)
	}
	if r.Redirects > 0 {
		fmt.Fprintf(b, "redirects = %d\n", r.Redirects)
	}
	if len(r.Status) > 0 {
		fmt.Fprintf(b, "\nexpect {\nstatus = %s\n}\n", strings.ReplaceAll(fmt.Sprint(r.Status), " ", ", "))
	}
	b.WriteString("}\n")
}

// writeHeaders writes headers. Values of one name are joined, as HTTP allows.
func writeHeaders(b *strings.Builder, headers []Pair) {
	var joined []Pair
	for _, h := range headers {
		at := slices.IndexFunc(joined, func(other Pair) bool { return strings.EqualFold(other.Name, h.Name) })
		if at < 0 {
			joined = append(joined, h)
		} else {
			joined[at].Value += ", " + h.Value
		}
	}
	if len(joined) > 0 {
		fmt.Fprintf(b, "headers = %s\n", fields(joined))
	}
}

func (body Body) write(b *strings.Builder) {
	switch {
	case body.JSON != nil:
		fmt.Fprintf(b, "json = %s\n", expression(body.JSON))
	case body.Form != nil:
		fmt.Fprintf(b, "form = %s\n", fields(body.Form))
	case body.Parts != nil:
		b.WriteString("multipart = {\n")
		for _, p := range body.Parts {
			value := quote(p.Text)
			switch {
			case p.File != "" && p.Type != "":
				value = fmt.Sprintf("{ file = %s, type = %s }", quote(p.File), quote(p.Type))
			case p.File != "":
				value = fmt.Sprintf("{ file = %s }", quote(p.File))
			}
			fmt.Fprintf(b, "%s = %s\n", key(p.Name), value)
		}
		b.WriteString("}\n")
	case body.File != "":
		fmt.Fprintf(b, "file = %s\n", quote(body.File))
	default:
		fmt.Fprintf(b, "body = %s\n", quote(body.Text))
	}
}

// fields writes pairs as an object. A name that occurs more than once has a list.
func fields(pairs []Pair) string {
	var names []string
	values := map[string][]string{}
	for _, p := range pairs {
		if values[p.Name] == nil {
			names = append(names, p.Name)
		}
		values[p.Name] = append(values[p.Name], quote(p.Value))
	}
	var items []string
	for _, name := range names {
		value := values[name][0]
		if len(values[name]) > 1 {
			value = "[" + strings.Join(values[name], ", ") + "]"
		}
		items = append(items, key(name)+" = "+value)
	}
	return object(items)
}

// object writes an object on one line where it fits, else on one line for each item.
func object(items []string) string {
	one := "{ " + strings.Join(items, ", ") + " }"
	switch {
	case len(items) == 0:
		return "{}"
	case len(one) <= columns-20 && !strings.Contains(one, "\n"):
		return one
	}
	return "{\n" + strings.Join(items, "\n") + "\n}"
}

// expression writes a value of JSON as an expression of the language.
func expression(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return quote(v)
	case json.Number:
		return v.String()
	case []any:
		if len(v) > mostItems && isUniform(v) {
			return fmt.Sprintf("[for i in range(%d) : %s]", len(v), expression(v[0]))
		}
		var items []string
		for _, x := range v {
			items = append(items, expression(x))
		}
		one := "[" + strings.Join(items, ", ") + "]"
		if len(one) <= columns-20 && !strings.Contains(one, "\n") || len(items) == 0 {
			return one
		}
		return "[\n" + strings.Join(items, ",\n") + ",\n]"
	case map[string]any:
		var items []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			items = append(items, key(name)+" = "+expression(v[name]))
		}
		return object(items)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(value) // of a number or a bool
}

// mostItems are those of a list of one value that are written one by one; mostTurns are
// those that range can count.
const (
	mostItems = 64
	mostTurns = 1024
)

// isUniform reports whether all elements of a list are the same text, number or bool.
func isUniform(list []any) bool {
	switch list[0].(type) {
	case string, json.Number, bool, float64, int:
	default:
		return false
	}
	return !slices.ContainsFunc(list, func(x any) bool { return x != list[0] })
}

// isLong reports whether a value of JSON has a list of one value that range cannot count.
func isLong(value any) bool {
	switch v := value.(type) {
	case []any:
		return len(v) > mostTurns && isUniform(v) || slices.ContainsFunc(v, isLong)
	case map[string]any:
		for _, x := range v {
			if isLong(x) {
				return true
			}
		}
	}
	return false
}

// template writes a value of JSON as a text of the language, without its quotes. A long
// list of one value is made by functions whose results are texts: a list would take a
// step of the evaluation for each element.
func template(value any) string {
	inside := func(text string) string { return strings.TrimSuffix(strings.TrimPrefix(quote(text), `"`), `"`) }
	var items []string
	switch v := value.(type) {
	case []any:
		if len(v) > mostTurns && isUniform(v) {
			return fmt.Sprintf(`[${replace(format("%%%ds", ""), " ", "%s,")}%[2]s]`, len(v)-1, template(v[0]))
		}
		for _, x := range v {
			items = append(items, template(x))
		}
		return "[" + strings.Join(items, ",") + "]"
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			items = append(items, inside(jsonText(name))+":"+template(v[name]))
		}
		return "{" + strings.Join(items, ",") + "}"
	case string:
		if strings.Contains(v, "\x00") {
			return "${jsonencode(" + quote(v) + ")}"
		}
	}
	return inside(jsonText(value))
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// key writes a name in an object, in quotes if it must be.
func key(name string) string {
	if identifier.MatchString(name) && !slices.Contains([]string{"for", "if", "null", "true", "false"}, name) {
		return name
	}
	return quote(name)
}

// referenceForm is what reference writes.
var referenceForm = regexp.MustCompile("\x00([A-Za-z_][A-Za-z0-9_]*)\x00")

// quote writes a text with its references to variables. Other NUL characters, which no
// text of the language can have, are left out.
func quote(text string) string {
	spans := referenceForm.FindAllStringSubmatchIndex(text, -1)
	if len(spans) == 1 && spans[0][0] == 0 && spans[0][1] == len(text) {
		return "var." + text[spans[0][2]:spans[0][3]]
	}
	var b strings.Builder
	at := 0
	literal := func(part string) {
		part = strings.ReplaceAll(part, "\x00", "")
		quoted := string(hclwrite.TokensForValue(cty.StringVal(part)).Bytes())
		b.WriteString(strings.TrimSuffix(strings.TrimPrefix(quoted, `"`), `"`))
	}
	for _, m := range spans {
		literal(text[at:m[0]])
		b.WriteString("${var." + text[m[2]:m[3]] + "}")
		at = m[1]
	}
	literal(text[at:])
	return `"` + b.String() + `"`
}

// jsonText is a value as JSON.
func jsonText(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}
