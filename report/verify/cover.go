package verify

// A cell is a value of each dimension that a search varies. A failed cell covers
// those with no more of anything: what fails with a limit fails with less.

// covers reports whether a cell has at least as much of everything as another one.
func covers(a, b []float64) bool {
	for i := range b {
		if a[i] < b[i] {
			return false
		}
	}
	return true
}

// uncovered returns the index of a cell that is preferred to an answer and that no
// failed cell covers; false where all are covered. A failed cell that is at least the answer covers
// nothing: it says that more is not always easier.
func uncovered(cheaper, failures [][]float64, answer []float64) (index int, is bool) {
	for i, cell := range cheaper {
		covered := false
		for _, f := range failures {
			covered = covered || covers(f, cell) && !covers(f, answer)
		}
		if !covered {
			return i, true
		}
	}
	return 0, false
}
