package lang

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"plan/plans"
	"plan/plans/diag"
)

// Options are what a plan is loaded with.
type Options struct {
	Vars     []string // "name=value", as --var takes it; the last one counts
	VarFiles []string // as --var-file takes it; the last one counts
	Environ  []string // "PLAN_VAR_x=value", and others for env()
	Version  string   // of the command, for `requires`
	Lenient  bool     // a variable without a value is only a warning
	Logins   []string // registries that `docker login` names
	Reports  []string // formats that a report block can name; nil: any
	// Platform returns what the plan runs on, from what the plan says; both are nil for
	// Docker. Without the function it is what the plan says.
	Platform func(planned *plans.Platform) *plans.Platform
}

// loader carries what loading one file needs.
type loader struct {
	program   *program
	diags     *diags
	options   Options
	sensitive map[string]bool
	values    map[string]variableInput
	unread    bool // a file of values could not be read
}

// Load reads a plan. It gives all diagnostics at once; the plan is nil when one of
// them is an error.
func Load(path string, o Options) (*plans.Plan, diag.List) {
	source, err := readSource(path)
	if err != nil {
		f := newDiags(map[string][]byte{})
		f.error("P0002", hcl.Range{Filename: path}, err.Error(), "write the path of a plan file; plan init makes one")
		return nil, f.finish(path, func(diag.SourceRange) string { return "" })
	}
	return LoadText(path, source, o)
}

// LoadText reads a text as the plan of a file, which need not be there: paths in it are
// relative to the folder of the file.
func LoadText(path string, source []byte, o Options) (*plans.Plan, diag.List) {
	f := newDiags(map[string][]byte{})
	l := &loader{diags: f, options: o, program: &program{
		file: path, sources: f.sources, name: strings.TrimSuffix(filepath.Base(path), ".hcl"), // of a plan that gives itself none
		root: &node{block: planFile}, guessed: map[string]bool{}, files: map[string][]byte{}, private: map[string]bool{}, tables: map[string]*table{},
		envFiles: map[string][]plans.EnvFile{}, environ: o.Environ, lenient: o.Lenient,
	}}
	plan := l.load(source)
	diags := f.finish(path, l.program.addressAt)
	if diags.HasErrors() || plan == nil {
		return nil, diags
	}
	return plan, diags
}

// load goes from text to a plan, through every check that the file alone
// allows.
func (l *loader) load(source []byte) *plans.Plan {
	l.diags.sources[l.program.file] = source
	if !l.diags.legible(source, l.program.file) {
		return nil
	}
	read := newDiags(l.diags.sources)
	body, ok := read.parse(source, l.program.file)
	l.program.root.whole = body.Range()
	if !edition(body, l.options.Version, l.diags) {
		return nil
	}
	l.diags.list, l.diags.bare = append(l.diags.list, read.list...), read.bare
	if !ok {
		return nil
	}
	r := &reader{diags: l.diags, options: l.options, guessed: l.program.guessed}
	r.read(l.program.root, body)
	if n := l.program.root.first("plan"); n != nil {
		l.program.name = n.label
	}
	l.program.collect(l.diags)
	l.program.cycles(l.diags)
	l.variables()
	e := newEvaluator(l.program, l.diags, nil)
	for _, n := range l.program.root.all("variable") { // all have their values
		for _, rule := range n.all("validation") {
			l.rule(e, n, rule)
		}
	}
	b := newBuilder(e)
	p := b.build()
	p.SHA256 = digest(source)
	p.Secrets = l.diags.secrets
	for _, n := range l.program.root.all("variable") {
		p.Variables = append(p.Variables, plans.Variable{
			Name: n.label, Value: jsonOf(l.program.vars[n.label]), Sensitive: l.sensitive[n.label],
		})
	}
	p.Files = map[string]string{}
	for path, data := range l.program.files {
		if !l.program.private[path] {
			p.Files[path] = digest(data)
		}
	}
	p.Outside, p.Logins = l.program.outside, l.options.Logins
	if choose := l.options.Platform; choose != nil {
		p.Platform = choose(p.Platform)
	}
	b.check(p)
	return p
}

// jsonOf returns a value of a variable as JSON; "" where it has none.
func jsonOf(v cty.Value) string {
	v, _ = v.UnmarkDeep()
	if !v.IsWhollyKnown() {
		return ""
	}
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil { // a value that JSON does not have: its own notation tells it from others
		return v.GoString()
	}
	return string(text)
}

func digest(source []byte) string {
	sum := sha256.Sum256(source)
	return hex.EncodeToString(sum[:])
}

// addressAt is the address of the innermost block around a place.
func (p *program) addressAt(at diag.SourceRange) string {
	address, n := "", p.root
	for n != nil {
		address = n.address
		inner := (*node)(nil)
		for _, c := range n.nodes {
			if c.whole.Start.Byte <= at.Start.Byte && at.Start.Byte < c.whole.End.Byte {
				inner = c
			}
		}
		n = inner
	}
	return address
}
