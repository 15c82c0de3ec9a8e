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
		known := "" // from the start
		switch to := b.program.index[u.to]; {
		case b.program.stage(u.to):
			known = "after the stage"
		case to != nil && to.root == "image" && (u.member == "digest" || u.member == "size"):
			known = "after the engine has looked up the image"
		}
		if known != "" {
			b.diags.error("P0202", u.at, fmt.Sprintf("%s is known only %s, but %s is needed before", u.to+"."+u.member, known,
				r.address), "write a value that is known before the run")
		}
	}
}
