package exchange

import "encoding/json"

// Feed is a table of values, of which each request that asks for one takes a
// row. A request asks by holes, which stand in its path, headers or body.
type Feed struct {
	Name    string              `json:"name"`
	Order   Order               `json:"order"`
	PerUser bool                `json:"per_user,omitempty"` // a user draws one row and keeps it
	Columns []string            `json:"columns"`
	Rows    [][]json.RawMessage `json:"rows"` // by column; a text is a JSON string
}

// Order is how rows are drawn.
type Order string

// The orders of a feed.
const (
	InOrder Order = "in_order" // one after the other over all users, from the top again after the last
	Random  Order = "random"   // any, each time
	Once    Order = "once"     // one after the other, none twice: the load ends when they are used up
)

// Holes stand in a request's path, header values and body as
// HoleBegin + form + " " + feed + " " + column + HoleEnd.
const (
	HoleBegin = "\uE000"
	HoleEnd   = "\uE001"
)

// Form is how a value is written where its hole stood.
type Form string

// The forms of a value. What is no text is written as JSON in all of them.
const (
	FormText  Form = "text"  // as it is
	FormURL   Form = "url"   // percent-encoded, for a path, a query or a form
	FormJSON  Form = "json"  // inside of a JSON string, escaped
	FormValue Form = "value" // in the place of a JSON value, a text with its quotes
)

// Hole is where a value of a feed goes.
func Hole(form Form, feed, column string) string {
	return HoleBegin + string(form) + " " + feed + " " + column + HoleEnd
}
