// Package html writes a run as one page that people look at, and its pictures.
//
// The page needs nothing besides itself, and is complete without its style and
// its script, which a content security policy may refuse: pictures are SVG with
// presentation attributes, figures are tables, trials unfold without a script.
// All texts that a service or an engine wrote are escaped. Sentences and tables
// are those of package report; charts come from report/chart.
package html
