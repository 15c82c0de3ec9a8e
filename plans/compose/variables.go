package compose

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"plan/internal/secret"
)

// variable of the plan.
type variable struct {
	name   string   // in the plan
	value  string   // its default, unless it must be given
	given  bool     // it has to be: it has no default
	origin string   // SERVICE.NAME of the environment that has this value alone; "" if it is not known
	inFile string   // name of the Compose variable, which .env may have; "" of a secret in the files themselves
	files  []string // that may have it in place of .env, each before the next
	secret bool
	empty  bool // an empty value counts as not set, as of ${NAME:-…} and ${NAME:?}
	unset  bool // neither Compose nor the file has a value for it
	// optional: the file says that it may be empty; demanded: that it may not be.
	optional, demanded bool
	what               string // what it is in the Compose files
	why                string // why it has to be given
}

// variables are those of the plan, in the order in which they were met.
type variables struct {
	written *written
	list    []*variable
	known   map[string]*variable // by the name of the Compose variable, or by name and value of a secret
}

// of is the plan's variable for one of Compose.
func (v *variables) of(p part) *variable {
	x := v.known[p.variable]
	if same := v.known[p.variable+"\x00"+v.written.value(p)]; x == nil && same != nil {
		v.known[p.variable], same.what, same.inFile = same, p.variable, p.variable
		x = same
	}
	if x == nil {
		x = v.added(p)
	}
	x.empty, x.optional, x.demanded = x.empty || p.empty, x.optional || p.optional, x.demanded || p.demanded
	return x
}

// added is a new variable for one of Compose.
func (v *variables) added(p part) *variable {
	_, set := v.written.values[p.variable]
	x := &variable{name: v.unusedName(p.variable), value: v.written.value(p), what: p.variable, inFile: p.variable}
	switch {
	case secret.Name(p.variable) || secret.Text(x.value):
		x.secret = true
	case v.written.missing[p.variable]:
		x.given, x.why = true, "The Compose file requires it."
	case !set && p.fallback == "":
		x.unset, x.secret = true, mayHavePassword.MatchString(p.variable)
	}
	return v.add(p.variable, x)
}

// mayHavePassword are names of addresses: what is set later may have a password in it.
var mayHavePassword = regexp.MustCompile(`(?i)(?:^|_)(?:URL|URI|DSN|CONN|CONNECTION(?:_STRING)?)$`)

// secret is a variable for a secret that the Compose files hold themselves:
// the value of a name, in a service.
func (v *variables) secret(service, name, value string) *variable {
	key := name + "\x00" + value
	if x := v.known[key]; x != nil {
		return x
	}
	if x := v.known[name]; x != nil && x.secret && x.value == value {
		return x
	}
	x := &variable{secret: true, name: v.unusedName(name), what: name + " of " + service}
	if x.name != variableName(name) {
		x.name = v.unusedName(service + "_" + name)
	}
	return v.add(key, x)
}

// ofFiles is a variable that a service has from its files of variables.
func (v *variables) ofFiles(service, name, value string, files []string) *variable {
	key := name + "\x00" + value
	if x := v.known[key]; x != nil {
		return x
	}
	return v.add(key, &variable{name: v.unusedName(name), value: value, inFile: name, files: files,
		secret: secret.Pair(name, value) || secret.Text(value), what: name + " of " + service})
}

// named is the variable of a name; nil if there is none.
func (v *variables) named(name string) *variable {
	i := slices.IndexFunc(v.list, func(x *variable) bool { return x.name == name })
	if i < 0 {
		return nil
	}
	return v.list[i]
}

func (v *variables) add(key string, x *variable) *variable {
	v.known[key] = x
	v.list = append(v.list, x)
	return x
}

// unusedName is a name that no other variable has.
func (v *variables) unusedName(name string) string {
	base := variableName(name)
	for i := 1; ; i++ {
		name := base
		if i > 1 {
			name = fmt.Sprintf("%s_%d", base[:min(len(base), 58)], i)
		}
		if !slices.ContainsFunc(v.list, func(x *variable) bool { return x.name == name }) {
			return name
		}
	}
}

// set reports whether Compose has a value for a variable.
func (v *variables) set(x *variable) bool {
	value, set := v.written.values[x.inFile]
	return set && (value != "" || !x.empty)
}

// needed are the variables that must be given.
func (v *variables) needed() []string {
	var list []string
	for _, x := range v.list {
		if (x.given || x.secret) && !v.set(x) && x.origin == "" && x.files == nil && !x.mayBeEmpty() {
			list = append(list, x.name)
		}
	}
	return list
}

// mayBeEmpty reports whether the files say so, by ${NAME:-}, or it is not set and no secret by its name.
func (x *variable) mayBeEmpty() bool { return (x.optional || x.unset) && !x.demanded }

// unset are the variables without a value that the files expect to have one.
func (v *variables) unset() []string {
	var list []string
	for _, x := range v.list {
		if x.unset && !x.optional {
			list = append(list, x.inFile)
		}
	}
	return list
}

// expression writes a text with references for its variables. A dollar before
// one stands by itself, or it would be taken for an escape.
func (v *variables) expression(t template) string {
	var b strings.Builder
	for i, p := range t {
		if p.secret != nil {
			b.WriteString("${var." + p.secret.name + "}")
			continue
		}
		if p.variable != "" {
			b.WriteString("${var." + v.of(p).name + "}")
			continue
		}
		text, dollar := strings.CutSuffix(p.literal, "$")
		quoted := quote(text)
		b.WriteString(quoted[1 : len(quoted)-1])
		switch {
		case dollar && i+1 < len(t):
			b.WriteString(`${"$"}`)
		case dollar:
			b.WriteString("$")
		}
	}
	return `"` + b.String() + `"`
}

// agrees reports whether the plan's variables, where there are such already, mean
// what the template means: another fallback is another value.
func (v *variables) agrees(t template) bool {
	return !slices.ContainsFunc(t, func(p part) bool {
		x := v.known[p.variable]
		return p.variable != "" && x != nil && !x.secret && !x.given && x.value != v.written.value(p)
	})
}

// write puts the variables into the plan. What Compose takes from its environment or from
// .env is taken from there when the plan is read, if it must not be written.
func (v *variables) write(p *page, file string, origins []string) {
	for _, x := range v.list {
		files := cmp.Or(strings.Join(x.files, " or "), file)
		fromFile := x.secret && x.origin != "" && !v.set(x)
		switch {
		case fromFile:
			p.comment(fmt.Sprintf("%s looks like a secret, so its value is not written here: it is read from the Compose file.", x.what))
		case x.secret && x.inFile != "" && x.mayBeEmpty():
			p.comment(fmt.Sprintf("%s looks like a secret, so the plan does not contain its value: "+
				"it comes from the environment or from %s, and is empty if neither has it.", x.what, files))
		case x.secret && x.inFile != "":
			p.comment(fmt.Sprintf("%s looks like a secret, so the plan does not contain its value: it comes from the environment or from %s.", x.what, files))
		case x.secret:
			p.comment(fmt.Sprintf("%s looks like a secret, so the plan does not contain its value: set PLAN_VAR_%s in the environment.", x.what, x.name))
		case x.given:
			p.comment(fmt.Sprintf("%s Set it in the environment or in %s, or use --var %s=…", x.why, file, x.name))
		case x.files != nil:
			p.comment(fmt.Sprintf("%s comes from %s.", x.what, files))
		case x.unset:
			p.comment(fmt.Sprintf("%s was not set when this plan was written: "+
				"it comes from the environment or from %s, and is empty if neither has it.", x.what, files))
		}
		p.open("variable " + quote(x.name))
		p.line("type = string")
		if x.secret {
			p.line("sensitive = true")
		}
		switch {
		case fromFile:
			p.line("default = env(%s, %s)", quote(x.origin), strings.Join(quoted(origins), ", "))
		case x.files != nil:
			p.line("default = env(%s, %s)", quote(x.inFile), strings.Join(quoted(x.files), ", "))
		case x.inFile != "" && (x.unset || x.secret && x.mayBeEmpty()):
			p.line("default = try(env(%s, %s), \"\")", quote(x.inFile), quote(file))
		case (x.secret || x.given) && x.inFile != "":
			p.line("default = env(%s, %s)", quote(x.inFile), quote(file))
			if _, is := v.written.values[x.inFile]; is && !v.set(x) {
				p.block("validation")
				p.line("condition = var.%s != \"\"", x.name)
				p.line("error_message = %s", quote(x.inFile+" is empty, which the Compose file counts as not set"))
				p.close()
			}
		case !x.secret && !x.given:
			p.line("default = %s", quote(x.value))
		}
		p.close()
	}
}

var unfit = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// identifier makes a name of the plan language of any name: a letter, then
// letters, digits, _ and -, at most 63.
func identifier(name string) string {
	name = strings.TrimLeft(unfit.ReplaceAllString(name, "-"), "_-")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "s" + name
	}
	return name[:min(len(name), 63)]
}

// variableName is a name that can stand in the environment too, behind
// PLAN_VAR_.
func variableName(name string) string { return strings.ReplaceAll(identifier(name), "-", "_") }

// labels returns each thing of a kind a name of its own in the plan.
func labels(things []string) map[string]string {
	names, taken := map[string]string{}, map[string]bool{}
	for _, thing := range things {
		base := identifier(thing)
		name := base
		for i := 2; taken[name]; i++ {
			name = fmt.Sprintf("%s-%d", base[:min(len(base), 58)], i)
		}
		names[thing], taken[name] = name, true
	}
	return names
}
