package search

// region is the lowest n values of a grid, with the trials that they are
// searched by.
type region struct {
	n     int
	tried []Tried
	at    []int // positions of tried among all trials
}

// regions are what is searched, the one whose answer comes first before the
// other: where a probe passed, the values up to it, by the trials since then, or
// else none; and the whole grid, by the others. What disproves an answer counts
// in both.
func regions(n int, tried []Tried) []region {
	whole, below := region{n: n}, region{}
	for i, t := range tried {
		if t.Probe && t.Passed {
			below.n = t.Index + 1
		}
		if t.Index < below.n || t.Disproves {
			clamped := t
			clamped.Index = min(t.Index, below.n-1)
			below.add(clamped, i)
		}
		if t.Index >= below.n || t.Disproves {
			whole.add(t, i)
		}
	}
	return []region{below, whole}
}

func (r *region) add(t Tried, position int) {
	r.tried, r.at = append(r.tried, t), append(r.at, position)
}
