package exchange

import "encoding/json"

// Feed is a table of values. A request with placeholders takes the values of
// one row. Placeholders can be in its path, headers and body.
type Feed struct {
	Name    string              `json:"name"`
	Order   Order               `json:"order"`
	PerUser bool                `json:"per_user,omitempty"` // a user draws one row and keeps it
	Columns []string            `json:"columns"`
	Rows    [][]json.RawMessage `json:"rows"` // by column, as JSON
}

// Order is the order in which rows are drawn.
type Order string

// Values of Order.
const (
	InOrder Order = "in_order" // one after the other across all users; starts again after the last
	Random  Order = "random"   // any row, each time
	Once    Order = "once"     // one after the other, each row once; the load ends when all rows are used
)

// A placeholder is PlaceholderBegin + form + " " + feed + " " + column +
// PlaceholderEnd, in a path, a header value or a body.
const (
	PlaceholderBegin = "\uE000"
	PlaceholderEnd   = "\uE001"
)

// Form is the encoding of a value in the place of its placeholder.
type Form string

// Values of Form. Values that are not strings are written as JSON in every
// form.
const (
	FormText  Form = "text"  // unchanged
	FormURL   Form = "url"   // percent-encoded, for a path, a query or a form body
	FormJSON  Form = "json"  // escaped for the inside of a JSON string
	FormValue Form = "value" // a JSON value; a string with its quotes
)

// Placeholder returns the placeholder for a value of a feed.
func Placeholder(form Form, feed, column string) string {
	return PlaceholderBegin + string(form) + " " + feed + " " + column + PlaceholderEnd
}
