package compose

import (
	"bytes"
	"fmt"
	"strings"
)

// page is a plan that is being written. Blanks are set at the end.
type page struct {
	bytes.Buffer
	depth int
}

// columns are how wide a comment gets.
const columns = 100

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// blank puts an empty line between two things, never after a brace that opens.
func (p *page) blank() {
	if text := p.Bytes(); len(text) > 0 && !bytes.HasSuffix(text, []byte("\n\n")) &&
		!bytes.HasSuffix(text, []byte("{\n")) {
		p.line("")
	}
}

// comment writes a text as comment lines; an item of a list goes on below its
// own first word.
func (p *page) comment(text string) {
	line, lead := "#", "#"
	if strings.HasPrefix(text, "- ") {
		lead = "#  "
	}
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > columns-2*p.depth && line != lead {
			p.line("%s", line)
			line = lead
		}
		line += " " + word
	}
	p.line("%s", line)
}

// open begins a block on its own.
func (p *page) open(header string) {
	p.line("%s {", header)
	p.depth++
}

// block begins a block after what stands before it.
func (p *page) block(header string) {
	p.blank()
	p.open(header)
}

func (p *page) close() {
	p.depth--
	p.line("}")
	if p.depth == 0 {
		p.line("")
	}
}

// list writes a list on one line, or on many if it is long.
func (p *page) list(name string, items []string) {
	one := fmt.Sprintf("%s = [%s]", name, strings.Join(items, ", "))
	if len(one) <= columns && !strings.Contains(one, "\n") {
		p.line("%s", one)
		return
	}
	p.line("%s = [", name)
	for _, item := range items {
		p.line("%s,", item)
	}
	p.line("]")
}
