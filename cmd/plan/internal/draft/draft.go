// Package draft makes the plan that plan init writes: it reads what it is made from, and
// prints what the plan has and what was left out.
package draft

import (
	"context"

	"plan/plans/compose"
	"plan/plans/request"
)

// StandardOutput is the path that means the standard output.
const StandardOutput = "-"

// Draft is a plan to be written.
type Draft struct {
	Text     []byte
	compose  *compose.Draft  // nil without a Compose file
	requests *request.Source // nil where the requests are not read from anywhere
}

// Of returns the draft of a text, with the requests that it has.
func Of(text []byte, requests *request.Source) *Draft { return &Draft{Text: text, requests: requests} }

// Convert returns the draft of Compose files, with the requests if they were read.
func Convert(ctx context.Context, options compose.Options, requests *request.Source) (*Draft, error) {
	if r := requests; r != nil {
		options.Requests = &compose.Requests{From: r.From, Check: r.Check,
			Scenario: func(keys map[string]string) ([]byte, []string) {
				known := r.WithKeys(keys)
				return known.Scenario(), values(known)
			},
		}
	}
	made, err := compose.Convert(ctx, options)
	if err != nil {
		return nil, err
	}
	return &Draft{made.Text, made, requests}, nil
}

// Builds reports whether the plan has images that are built before it runs.
func (d *Draft) Builds() bool { return d.compose != nil && d.compose.Builds }

// Driven reports whether the load of the plan is that of a locustfile.
func (d *Draft) Driven() bool { return d.compose != nil && d.compose.Driven }

// Values returns the variables that must be given a value.
func (d *Draft) Values() []string {
	switch {
	case d.compose != nil:
		return d.compose.Values
	case d.requests != nil:
		return values(d.requests)
	}
	return nil
}
