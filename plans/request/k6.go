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

	"github.com/tdewolff/parse/v2/js"

	"plan/internal/secret"
	"plan/plans/request/javascript"
)

// script is a k6 script as it is read: without running it. A value that only a run
// knows is not known.
type script struct {
	code    *javascript.Script
	source  *Source
	names   map[string]bool // of environment variables that stand in a text
	results map[string]int  // index of the request whose response a name has
	found   bool            // a call of http
	status  []int           // that a check expects of the call that stands in it; nil: none
	sent    int             // requests that one iteration sends
	pauses  float64         // seconds that one iteration sleeps
}

// k6 reads the calls of http, the pauses and the options of a script.
func (s *Source) k6(content []byte) error {
	k := &script{source: s, names: map[string]bool{}, results: map[string]int{}}
	var err error
	k.code, err = javascript.Parse(content, func(name string) string {
		k.names[name] = true
		return reference(name)
	})
	if err != nil {
		return err
	}
	js.Walk(calls{k, "", false}, k.code.AST)
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
		s.Note("an iteration sends its requests in order: a user of the plan draws each by weight, and pauses after each")
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
			c.source.Note("the function %s is left out: it runs once, and not for each user", v.Name.Name())
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
			if seconds, is := c.code.Value(argument(args, 0)).(float64); is {
				c.pauses += seconds
			} else {
				c.source.Note("a sleep is left out: %s is known only when it runs", javascript.Text(argument(args, 0)))
			}
		case "check":
			c.check(args)
		}
	case *js.DotExpr:
		if of, is := callee.X.(*js.Var); is && string(of.Name()) == "http" {
			c.found = true
			c.request(strings.ToLower(javascript.Name(callee.Y)), args)
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
		c.source.Note("a check of %s is left out: write it in expect", other)
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
		if member, is := v.X.(*js.DotExpr); is && javascript.Name(member.Y) == "status" && (v.Op == js.EqEqEqToken ||
			v.Op == js.EqEqToken) {
			if status, err := strconv.Atoi(javascript.Name(v.Y)); err == nil {
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
		s.of[javascript.Name(v.Y)] = true
		return nil
	}
	return s
}

func (*statuses) Exit(js.INode) {}

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
		text, is := k.code.Value(argument(args, 0)).(string)
		if !is {
			k.source.Note("a call of http.%s is left out: its method is known only when it runs", function)
			return
		}
		method = strings.ToUpper(text)
		address, body, params = argument(args, 1), argument(args, 2), argument(args, 3)
	case "file":
		return // part of a body
	default:
		k.source.Note("http.%s is left out", function)
		return
	}
	text, is := k.code.Value(address).(string)
	if !is {
		k.source.Note("a request of http.%s is left out: its URL, %s, is known only when it runs", function,
			javascript.Text(address))
		return
	}
	r := Request{Method: method, Status: expected}
	options, _ := k.code.Value(params).(map[string]any)
	if params != nil && options == nil {
		k.source.Note("the parameters of %s %s are left out: %s is known only when it runs", method,
			withoutReferences(text), javascript.Text(params))
	}
	k.params(&r, options, text)
	value := k.code.Value(body)
	if !javascript.Known(value) {
		k.source.Note("%s %s is left out: its body, %s, is known only when it runs", method, withoutReferences(text),
			javascript.Text(body))
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
		k.source.Note("requests in conditions and loops count as one each")
	}
	if at := k.source.addTo(text, r); at >= 0 && c.result != "" {
		k.results[c.result] = at
	}
}

// params takes what stands behind URL and body: headers, timeout and so on.
func (k *script) params(r *Request, options map[string]any, address string) {
	for _, word := range slices.Sorted(maps.Keys(options)) {
		switch value := options[word].(type) {
		case javascript.Unknown:
			k.source.Note("%s of %s is left out: it is known only when it runs", word, withoutReferences(address))
		case map[string]any:
			switch word {
			case "headers":
				for _, h := range slices.Sorted(maps.Keys(value)) {
					if text, is := value[h].(string); is {
						r.Headers = append(r.Headers, Pair{h, text})
					} else {
						k.source.Note("the header %s of %s is left out: it is known only when it runs", h, withoutReferences(address))
					}
				}
			case "tags":
				if text, is := value["name"].(string); is && !strings.Contains(text, "\x00") {
					r.Name = text
				}
			default:
				k.source.Note("%s of %s is left out", word, withoutReferences(address))
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
				k.source.Note("%s of %s is left out", word, withoutReferences(address))
			}
		}
	}
}

// load takes the options of the script: the load of a check.
func (k *script) load() {
	options, is := k.code.Declared("options").(map[string]any)
	if !is {
		return
	}
	l := &Load{}
	of := options
	if scenarios, is := options["scenarios"].(map[string]any); is {
		if len(scenarios) != 1 {
			k.source.Note("the scenarios %s are left out: a load has one", strings.Join(slices.Sorted(maps.Keys(scenarios)),
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
	case isStages && javascript.Known(stages):
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
			k.source.Note("options.%s is left out", name)
		}
	}
	if strings.Contains(executor, "iterations") || executor == "externally-controlled" {
		k.source.Note("the executor %s is left out: a load has users, arrivals or stages", executor)
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
				k.source.Note("the threshold %s of %s is left out: a plan bounds percentiles and the error rate", text, metric)
			}
		}
	}
}
