// Package report is what people and machines read of a run: tables and
// sentences, the JSON of format 1, the line that moves while it runs, and a
// plan as it would run.
//
// Everything is a function of the journal's values (or of a plan), and of
// nothing else. The package does not know how anything was run. Quantities
// are printed here and nowhere above.
package report
