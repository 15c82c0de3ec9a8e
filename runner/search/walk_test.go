package search

import "testing"

// The walk follows the border along the two ordered dimensions with the most values; a
// setting has no order.
func TestTheLongestDimensions(t *testing.T) {
	for sizes, want := range map[Cell][2]int{
		{4, 3, 1, 1}: {0, 1}, {3, 4, 1, 1}: {0, 1}, {4, 3, 3, 1}: {0, 1}, {4, 3, 4, 1}: {0, 2}, {4, 3, 5, 1}: {0, 2}, {3, 9, 5, 1}: {2, 1}, {3, 3, 5, 1}: {0, 2}, {2, 2, 1, 9}: {0, 1},
	} {
		if across, up := (Grid{Sizes: sizes}).longest(); across != want[0] || up != want[1] {
			t.Errorf("%v: %d and %d, want %v", sizes, across, up, want)
		}
	}
}
