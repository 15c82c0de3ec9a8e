package request

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"

	"plan/internal/secret"
)

// script is a k6 script as it is read: without running it. A value that only a run
// knows is not known.
type script struct {
	source  *Source
	values  map[string]js.IExpr // of names that are declared with a value, by name
	names   map[string]bool     // of environment variables that stand in a text
	results map[string]int      // index of the request whose response a name has
	found   bool                // a call of http
	status  []int               // that a check expects of the call that stands in it; nil: none
	sent    int                 // requests that one iteration sends
	pauses  float64             // seconds that one iteration sleeps
	busy    int                 // names that are being looked up
}

// k6 reads the calls of http, the pauses and the options of a script.
func (s *Source) k6(content []byte) error {
	ast, err := js.Parse(parse.NewInputBytes(content), js.Options{})
	if err != nil {
		return errors.New("it is not JavaScript: " + strings.SplitN(err.Error(), "\n", 2)[0])
	}
	k := &script{source: s, values: map[string]js.IExpr{}, names: map[string]bool{}, results: map[string]int{}}
	js.Walk(declarations{k}, ast)
	js.Walk(calls{k, "", false}, ast)
	if !k.found {
		return errors.New("it has no call such as http.get or http.post")
	}
	if len(s.Requests) == 0 {
		return errors.New("no request of it can be read without running it: " + strings.Join(s.Notes, "; "))
	}
	if k.pauses > 0 {
		s.ThinkTime = strconv.Quote(strconv.FormatFloat(max(0.001, math.Round(k.pauses/float64(max(1, k.sent))*1000)/1000),
			'g', -1, 64) + "s")
	}
	if len(s.Requests) > 1 {
		s.note("an iteration sends its requests in order: a user of the plan draws each by weight, and pauses after each")
	}
	k.load()
	for _, name := range slices.Sorted(maps.Keys(k.names)) {
		var written strings.Builder
		for _, r := range s.Requests {
			r.write(&written)
		}
		if regexp.MustCompile(`\bvar\.` + name + `\b`).MatchString(written.String()) {
			s.add(Variable{Name: name, Description: "__ENV." + name + " of " + s.From, Secret: secret.Name(name)})
		}
	}
	return nil
}

// declarations finds the names that are declared with a value.
type declarations struct{ *script }

func (d declarations) Enter(n js.INode) js.IVisitor {
	if decl, is := n.(*js.VarDecl); is {
		for _, element := range decl.List {
			if v, is := element.Binding.(*js.Var); is && element.Default != nil {
				d.values[string(v.Name())] = element.Default
			}
		}
	}
	return d
}

func (declarations) Exit(js.INode) {}

// calls finds the calls of a script.
type calls struct {
	*script
	result string // the name that the result of the call goes to
	branch bool   // inside a condition or a loop
}

// once are functions that run once, and not for each user.
var once = []string{"setup", "teardown", "handleSummary"}

func (c calls) Enter(n js.INode) js.IVisitor {
	switch v := n.(type) {
	case *js.FuncDecl:
		if v.Name != nil && slices.Contains(once, string(v.Name.Name())) {
			c.source.note("the function %s is left out: it runs once, and not for each user", v.Name.Name())
			return nil
		}
	case *js.IfStmt, *js.ForStmt, *js.ForOfStmt, *js.ForInStmt, *js.WhileStmt, *js.DoWhileStmt, *js.SwitchStmt,
		*js.CondExpr:
		c.branch = true
	case *js.BindingElement:
		if bound, is := v.Binding.(*js.Var); is {
			c.result = string(bound.Name())
		}
	case *js.BinaryExpr:
		if bound, is := v.X.(*js.Var); is && v.Op == js.EqToken {
			c.result = string(bound.Name())
		}
	case *js.CallExpr:
		c.call(v)
	}
	return c
}

func (calls) Exit(js.INode) {}

// call takes one call: of http, of sleep, or of check.
func (c calls) call(call *js.CallExpr) {
	var args []js.IExpr
	for _, a := range call.Args.List {
		args = append(args, a.Value)
	}
	switch callee := call.X.(type) {
	case *js.Var:
		switch string(callee.Name()) {
		case "sleep":
			if seconds, is := c.value(argument(args, 0)).(float64); is {
				c.pauses += seconds
			} else {
				c.source.note("a sleep is left out: %s is known only when it runs", source(argument(args, 0)))
			}
		case "check":
			c.check(args)
		}
	case *js.DotExpr:
		if of, is := callee.X.(*js.Var); is && string(of.Name()) == "http" {
			c.found = true
			c.request(strings.ToLower(name(callee.Y)), args)
		}
	}
}

func argument(args []js.IExpr, i int) js.IExpr {
	if i < len(args) {
		return args[i]
	}
	return nil
}

// check takes the status that a check compares; what else it looks at is left out.
func (c calls) check(args []js.IExpr) {
	found := statuses{of: map[string]bool{}}
	if len(args) > 1 {
		js.Walk(&found, args[1])
	}
	for _, other := range slices.Sorted(maps.Keys(found.of)) {
		c.source.note("a check of %s is left out: write it in expect", other)
	}
	if len(found.status) == 0 {
		return
	}
	of, is := argument(args, 0).(*js.Var)
	if !is {
		c.script.status = found.status // of the call that stands in it
		return
	}
	if i, is := c.results[string(of.Name())]; is {
		c.source.Requests[i].Status = found.status
	}
}

// statuses finds what the functions of a check look at.
type statuses struct {
	status []int
	of     map[string]bool // members besides the status
}

func (s *statuses) Enter(n js.INode) js.IVisitor {
	switch v := n.(type) {
	case *js.BinaryExpr:
		if member, is := v.X.(*js.DotExpr); is && name(member.Y) == "status" && (v.Op == js.EqEqEqToken ||
			v.Op == js.EqEqToken) {
			if status, err := strconv.Atoi(name(v.Y)); err == nil {
				if !slices.Contains(s.status, status) {
					s.status = append(s.status, status)
				}
				return nil
			}
		}
	case *js.DotExpr:
		if of, is := v.X.(*js.DotExpr); is {
			return s.Enter(of)
		}
		s.of[name(v.Y)] = true
		return nil
	}
	return s
}

func (*statuses) Exit(js.INode) {}

// name is the name behind a dot.
func name(expr js.IExpr) string {
	switch v := expr.(type) {
	case js.LiteralExpr:
		return string(v.Data)
	case *js.LiteralExpr:
		return string(v.Data)
	case *js.Var:
		return string(v.Name())
	}
	return ""
}

// request takes a call of http.
func (c calls) request(function string, args []js.IExpr) {
	k := c.script
	expected := k.status
	k.status = nil
	method := strings.ToUpper(function)
	address, body, params := argument(args, 0), argument(args, 1), argument(args, 2)
	switch function {
	case "get", "head":
		body, params = nil, argument(args, 1)
	case "del":
		method = "DELETE"
	case "post", "put", "patch", "options":
	case "request", "asyncrequest":
		text, is := k.value(argument(args, 0)).(string)
		if !is {
			k.source.note("a call of http.%s is left out: its method is known only when it runs", function)
			return
		}
		method = strings.ToUpper(text)
		address, body, params = argument(args, 1), argument(args, 2), argument(args, 3)
	case "file":
		return // part of a body
	default:
		k.source.note("http.%s is left out", function)
		return
	}
	text, is := k.value(address).(string)
	if !is {
		k.source.note("a request of http.%s is left out: its URL, %s, is known only when it runs", function, source(address))
		return
	}
	r := Request{Method: method, Status: expected}
	options, _ := k.value(params).(map[string]any)
	if params != nil && options == nil {
		k.source.note("the parameters of %s %s are left out: %s is known only when it runs", method,
			withoutReferences(text), source(params))
	}
	k.params(&r, options, text)
	value := k.value(body)
	if !known(value) {
		k.source.note("%s %s is left out: its body, %s, is known only when it runs", method, withoutReferences(text),
			source(body))
		return
	}
	switch value := value.(type) {
	case string:
		if value != "" {
			k.source.body(&r, value, text)
		}
	case map[string]any:
		r.Body = &Body{Form: pairsOf(value)}
	}
	k.sent++
	if c.branch {
		k.source.note("requests in conditions and loops count as one each")
	}
	if at := k.source.addTo(text, r); at >= 0 && c.result != "" {
		k.results[c.result] = at
	}
}

// params takes what stands behind URL and body: headers, timeout and so on.
func (k *script) params(r *Request, options map[string]any, address string) {
	for _, word := range slices.Sorted(maps.Keys(options)) {
		switch value := options[word].(type) {
		case unknown:
			k.source.note("%s of %s is left out: it is known only when it runs", word, withoutReferences(address))
		case map[string]any:
			switch word {
			case "headers":
				for _, h := range slices.Sorted(maps.Keys(value)) {
					if text, is := value[h].(string); is {
						r.Headers = append(r.Headers, Pair{h, text})
					} else {
						k.source.note("the header %s of %s is left out: it is known only when it runs", h, withoutReferences(address))
					}
				}
			case "tags":
				if text, is := value["name"].(string); is && !strings.Contains(text, "\x00") {
					r.Name = text
				}
			default:
				k.source.note("%s of %s is left out", word, withoutReferences(address))
			}
		default:
			n, is := value.(float64)
			switch {
			case word == "timeout":
				r.Timeout = fmt.Sprint(value)
				if is {
					r.Timeout = strconv.FormatFloat(n/1000, 'g', -1, 64) + "s"
				}
			case word == "redirects" && is:
				r.Redirects = int(n)
			default:
				k.source.note("%s of %s is left out", word, withoutReferences(address))
			}
		}
	}
}

// unknown is a value that only a run knows.
type unknown struct{}

// value is what an expression is without running the script: a text, a number, a bool,
// a list, an object, nil, or unknown.
func (k *script) value(expr js.IExpr) any {
	switch v := expr.(type) {
	case nil:
		return nil
	case *js.GroupExpr:
		return k.value(v.X)
	case js.LiteralExpr:
		return literal(v.TokenType, string(v.Data))
	case *js.LiteralExpr:
		return literal(v.TokenType, string(v.Data))
	case *js.TemplateExpr:
		return k.template(v)
	case *js.Var:
		declared, is := k.values[string(v.Name())]
		if !is || k.busy > 20 {
			return unknown{}
		}
		k.busy++
		defer func() { k.busy-- }()
		return k.value(declared)
	case *js.DotExpr:
		return k.member(v.X, name(v.Y))
	case *js.IndexExpr:
		if text, is := k.value(v.Y).(string); is {
			return k.member(v.X, text)
		}
	case *js.UnaryExpr:
		if n, is := k.value(v.X).(float64); is && v.Op == js.NegToken {
			return -n
		}
	case *js.BinaryExpr:
		return k.binary(v)
	case *js.ArrayExpr:
		list := []any{}
		for _, item := range v.List {
			if item.Spread {
				return unknown{}
			}
			list = append(list, k.value(item.Value))
		}
		return list
	case *js.ObjectExpr:
		return k.object(v)
	case *js.CallExpr:
		if callee, is := v.X.(*js.DotExpr); is && name(callee.Y) == "stringify" && len(v.Args.List) > 0 {
			value := k.value(v.Args.List[0].Value)
			if !known(value) {
				return unknown{}
			}
			return jsonText(value)
		}
	}
	return unknown{}
}

// known reports whether no part of a value is unknown.
func known(value any) bool {
	switch v := value.(type) {
	case unknown:
		return false
	case []any:
		return !slices.ContainsFunc(v, func(x any) bool { return !known(x) })
	case map[string]any:
		for _, x := range v {
			if !known(x) {
				return false
			}
		}
	}
	return true
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
	return unknown{}
}

// escapes are what Go writes differently from JavaScript in a text.
var escapes = strings.NewReplacer(`\\`, `\\`, `\"`, `\"`, `"`, `\"`, `\'`, `'`, "\\`", "`", `\$`, `$`, `\/`, `/`,
	`\x`, `\u00`, "\\\n", "", "\n", `\n`)

// unquote decodes a text of JavaScript in quotes of any kind.
func unquote(text string) (string, error) {
	return strconv.Unquote(`"` + escapes.Replace(text[1:len(text)-1]) + `"`)
}

func (k *script) template(t *js.TemplateExpr) any {
	if t.Tag != nil {
		return unknown{}
	}
	var b strings.Builder
	for _, part := range t.List {
		text := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(string(part.Value), "`"), "}"), "${")
		decoded, err := unquote("'" + text + "'")
		if err != nil {
			return unknown{}
		}
		b.WriteString(decoded)
		value, is := textOf(k.value(part.Expr))
		if !is {
			return unknown{}
		}
		b.WriteString(value)
	}
	tail := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(string(t.Tail), "`"), "}"), "`")
	decoded, err := unquote("'" + tail + "'")
	if err != nil {
		return unknown{}
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

// member is a member of an object. One of __ENV is a reference to a variable.
func (k *script) member(of js.IExpr, name string) any {
	if v, is := of.(*js.Var); is && string(v.Name()) == "__ENV" {
		k.names[name] = true
		return reference(name)
	}
	if object, is := k.value(of).(map[string]any); is {
		if value, is := object[name]; is {
			return value
		}
	}
	return unknown{}
}

func (k *script) binary(b *js.BinaryExpr) any {
	x, y := k.value(b.X), k.value(b.Y)
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
	return unknown{}
}

func (k *script) object(o *js.ObjectExpr) any {
	object := map[string]any{}
	for _, p := range o.List {
		switch {
		case p.Spread:
			more, is := k.value(p.Value).(map[string]any)
			if !is {
				return unknown{}
			}
			maps.Copy(object, more)
		case p.Name == nil: // { name }
			if v, is := p.Value.(*js.Var); is {
				object[string(v.Name())] = k.value(v)
			}
		case p.Name.IsComputed():
			text, is := k.value(p.Name.Computed).(string)
			if !is {
				return unknown{}
			}
			object[text] = k.value(p.Value)
		default:
			key := string(p.Name.Literal.Data)
			if p.Name.Literal.TokenType == js.StringToken {
				key, _ = unquote(key)
			}
			object[key] = k.value(p.Value)
		}
	}
	return object
}

// source is an expression as it stands in the script, shortened.
func source(expr js.INode) string {
	if expr == nil {
		return "which is missing"
	}
	var b strings.Builder
	expr.JS(&b)
	text := strings.Join(strings.Fields(b.String()), " ")
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return text
}

// load takes the options of the script: the load of a check.
func (k *script) load() {
	options, is := k.value(k.values["options"]).(map[string]any)
	if !is {
		return
	}
	l := &Load{}
	of := options
	if scenarios, is := options["scenarios"].(map[string]any); is {
		if len(scenarios) != 1 {
			k.source.note("the scenarios %s are left out: a load has one", strings.Join(slices.Sorted(maps.Keys(scenarios)),
				", "))
		}
		for _, scenario := range scenarios {
			of, _ = scenario.(map[string]any)
		}
		if len(scenarios) != 1 || of == nil {
			of = map[string]any{}
		}
	}
	executor, _ := of["executor"].(string)
	rates := strings.HasSuffix(executor, "arrival-rate")
	perSecond := func(rate any) string {
		n, _ := rate.(float64)
		unit := time.Second
		if text, is := of["timeUnit"].(string); is {
			if d, err := time.ParseDuration(text); err == nil && d > 0 {
				unit = d
			}
		}
		return strconv.Quote(strconv.FormatFloat(n/unit.Seconds(), 'g', 6, 64) + "/s")
	}
	users, isUsers := of["vus"].(float64)
	if rates {
		users, isUsers = of["maxVUs"].(float64)
		if !isUsers {
			users, isUsers = of["preAllocatedVUs"].(float64)
		}
	}
	stages, isStages := of["stages"].([]any)
	duration, isDuration := of["duration"].(string)
	switch {
	case isStages && known(stages):
		var rows []string
		if start, is := of["startRate"].(float64); is && rates {
			rows = append(rows, fmt.Sprintf("{ rate = %s, over = \"0s\" }", perSecond(start)))
		}
		start, is := of["startVUs"].(float64)
		if !is {
			start = users // of a script without scenarios
		}
		if start > 0 && !rates {
			rows = append(rows, fmt.Sprintf("{ users = %v, over = \"0s\" }", start))
		}
		for _, stage := range stages {
			row, _ := stage.(map[string]any)
			over, _ := row["duration"].(string)
			target := fmt.Sprintf("users = %v", row["target"])
			if rates {
				target = "rate = " + perSecond(row["target"])
			}
			rows = append(rows, fmt.Sprintf("{ %s, over = %q }", target, over))
		}
		l.Lines = append(l.Lines, "stages = [\n"+strings.Join(rows, ",\n")+",\n]")
		if rates && isUsers {
			l.Lines = append(l.Lines, fmt.Sprintf("users = %v", users))
		}
	case isDuration && (isUsers || rates):
		if rates {
			l.Lines = append(l.Lines, "arrival_rate = "+perSecond(of["rate"]))
		}
		if isUsers {
			l.Lines = append(l.Lines, fmt.Sprintf("users = %v", users))
		}
		l.Lines = append(l.Lines, "runtime = "+strconv.Quote(duration))
	default:
		l = nil
	}
	k.dropped(options, of, executor)
	if l != nil {
		k.thresholds(l, options["thresholds"])
		k.source.Load = l
	}
}

// loadOptions are the options of a script that become a load, or are read elsewhere.
var loadOptions = []string{
	"vus", "duration", "stages", "scenarios", "thresholds", "executor", "startVUs", "rate", "timeUnit", "preAllocatedVUs",
	"maxVUs", "startRate", "exec", "gracefulStop", "gracefulRampDown",
}

func (k *script) dropped(options, of map[string]any, executor string) {
	names := slices.Collect(maps.Keys(options))
	names = append(names, slices.Collect(maps.Keys(of))...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if !slices.Contains(loadOptions, name) {
			k.source.note("options.%s is left out", name)
		}
	}
	if strings.Contains(executor, "iterations") || executor == "externally-controlled" {
		k.source.note("the executor %s is left out: a load has users, arrivals or stages", executor)
	}
}

var (
	latencyBound = regexp.MustCompile(`^(?:p\((50|90|95|99|99\.9)\)|(med|max))\s*<=?\s*([\d.]+)$`)
	errorBound   = regexp.MustCompile(`^rate\s*<=?\s*([\d.]+)$`)
)

// thresholds takes those bounds of a script that the language has.
func (k *script) thresholds(l *Load, value any) {
	metrics, _ := value.(map[string]any)
	for _, metric := range slices.Sorted(maps.Keys(metrics)) {
		list, is := metrics[metric].([]any)
		if !is {
			list = []any{metrics[metric]}
		}
		for _, item := range list {
			text, _ := item.(string)
			if object, is := item.(map[string]any); is {
				text, _ = object["threshold"].(string)
			}
			latency, failed := latencyBound.FindStringSubmatch(strings.TrimSpace(text)),
				errorBound.FindStringSubmatch(strings.TrimSpace(text))
			switch {
			case metric == "http_req_duration" && latency != nil:
				name := map[string]string{"med": "p50", "max": "max", "99.9": "p999"}[latency[1]+latency[2]]
				if name == "" {
					name = "p" + latency[1]
				}
				l.Threshold = append(l.Threshold, fmt.Sprintf("%s = %q", name, latency[3]+"ms"))
			case metric == "http_req_failed" && failed != nil:
				rate, _ := strconv.ParseFloat(failed[1], 64)
				l.Threshold = append(l.Threshold, fmt.Sprintf("error_rate = %q", strconv.FormatFloat(rate*100, 'g', 6, 64)+"%"))
			default:
				k.source.note("the threshold %s of %s is left out: a plan bounds percentiles and the error rate", text, metric)
			}
		}
	}
}
