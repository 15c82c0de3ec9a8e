package exchange

// Text is a text with placeholders, which Append fills with the values of a
// row. It is immutable.
type Text struct{ segments []segment }

// segment is constant text or a placeholder.
type segment struct {
	literal []byte
	feed    int
	values  [][]byte // by row; nil for constant text
}

// bytes returns the text of a segment; rows has one row per feed.
func (p *segment) bytes(rows []int32) []byte {
	if p.values == nil {
		return p.literal
	}
	return p.values[rows[p.feed]]
}

// Append appends the text with the values of the given row of each feed.
func (t Text) Append(to []byte, rows []int32) []byte {
	for i := range t.segments {
		to = append(to, t.segments[i].bytes(rows)...)
	}
	return to
}

// Len returns the number of bytes that Append adds.
func (t Text) Len(rows []int32) (n int) {
	for i := range t.segments {
		n += len(t.segments[i].bytes(rows))
	}
	return n
}

// Fixed reports whether the text has no placeholders.
func (t Text) Fixed() bool {
	for i := range t.segments {
		if t.segments[i].values != nil {
			return false
		}
	}
	return true
}
