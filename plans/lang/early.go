package lang

import "fmt"

// checkEarly refuses results of stages and of pushes in blocks that are used before
// the first stage.
func (b *builder) checkEarly(r *decodedBlock) {
	if !r.block.early {
		return
	}
	x := b.program.index[r.address]
	if x == nil || x.node != r.node || b.program.cyclic[x.address] {
		return
	}
	for _, u := range b.program.reached(r.address) {
		if what := b.lateResult(u); what != "" {
			b.diags.error("P0202", u.at, fmt.Sprintf("%s is known only %s, but %s is used before", u.to+"."+u.member, what, r.address), "write a value that is known from the start")
		}
	}
}

// lateResult says when the result is known that a reference wants, "" when
// from the start.
func (b *builder) lateResult(u ref) string {
	switch {
	case b.program.stage(u.to):
		return "after the stage"
	case b.program.index[u.to] != nil && b.program.index[u.to].root == "image" && (u.member == "digest" || u.member == "size"):
		return "after the image was looked up"
	}
	return ""
}
