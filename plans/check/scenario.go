package check

import (
	"slices"

	"plan/internal/exchange"
	"plan/plans"
	"plan/plans/diag"
)

// Guessed warns of requests that are a guess: what a run finds then holds for them
// alone.
func Guessed(s plans.Scenario) diag.List {
	if !s.Guessed {
		return nil
	}
	return diag.List{diag.NewWarning("P0438", s.Decl.Range("guessed"),
		"the requests of "+s.Address+" are a guess: what a run finds holds for these requests, and may not hold for "+
			"those of your users",
		"write the requests of your users, then remove guessed; plan init --from reads an OpenAPI document, curl, a HAR "+
			"file or a k6 script")}
}

// Scenario lets each request be compiled as those who send it do, with all
// values of its feeds where they go, and returns what of it cannot be sent.
func Scenario(s plans.Scenario) diag.List {
	tables, err := exchange.NewTables(s.Feeds)
	if err != nil { // their files were read already
		return diag.List{diag.NewError("P0429", s.Decl.Header(), err.Error(), "")}
	}
	var list diag.List
	blocks := slices.Concat(s.Decl.Blocks("request"), s.Decl.Block("on_start").Blocks("request"))
	for i, q := range slices.Concat(s.Requests, s.OnStart) {
		pattern, err := tables.Pattern(q)
		if err == nil {
			_, err = pattern.Prepare("service")
		}
		if err != nil {
			list = append(list, diag.NewError("P0420", blocks[i].Header(), err.Error(), ""))
		}
	}
	return list
}
