package exchange

// Text is a text with holes, into which the values of a row are put. Nobody
// changes it.
type Text struct{ pieces []piece }

// piece is bytes that stay as they are, or a hole.
type piece struct {
	literal []byte
	feed    int
	values  [][]byte // by row; nil for bytes that stay
}

// bytes are those of a piece; rows are by feed.
func (p *piece) bytes(rows []int32) []byte {
	if p.values == nil {
		return p.literal
	}
	return p.values[rows[p.feed]]
}

// Append adds the text with the values of a row of each feed.
func (t Text) Append(to []byte, rows []int32) []byte {
	for i := range t.pieces {
		to = append(to, t.pieces[i].bytes(rows)...)
	}
	return to
}

// Len is how many bytes Append adds.
func (t Text) Len(rows []int32) (n int) {
	for i := range t.pieces {
		n += len(t.pieces[i].bytes(rows))
	}
	return n
}

// Fixed tells whether the text is always the same.
func (t Text) Fixed() bool {
	for i := range t.pieces {
		if t.pieces[i].values != nil {
			return false
		}
	}
	return true
}
