package lang

import "fmt"

// early refuses results of stages and of pushes in blocks that are used before
// the first stage.
func (e *evaluator) early(r *record) {
	if !r.block.early {
		return
	}
	x := e.index[r.address]
	if x == nil || x.node != r.node || e.cyclic[x.address] {
		return
	}
	for _, u := range e.reached(r.address) {
		if what := e.lateResult(u); what != "" {
			e.error("P0202", u.at, fmt.Sprintf("%s is known only %s, but %s is used before", u.to+"."+u.member, what, r.address), "write a value that is known from the start")
		}
	}
}

// lateResult says when the result is known that a reference wants, "" when
// from the start.
func (e *evaluator) lateResult(u use) string {
	switch {
	case e.stage(u.to):
		return "after the stage"
	case e.index[u.to] != nil && e.index[u.to].root == "image" && (u.member == "digest" || u.member == "size"):
		return "after the image was looked up"
	}
	return ""
}
