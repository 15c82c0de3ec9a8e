package search

// region is the lowest n values of a grid, with their trials.
type region struct {
	n     int
	tried []Tried
	at    []int // positions of tried among all trials
}

// regions returns what is searched, the one whose answer counts first: the values up
// to a probe that passed, with the trials since then, none without such a probe;
// and the whole grid, with the other trials. What disproves an answer counts in
// both.
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
