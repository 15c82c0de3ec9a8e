// Package chart draws values as SVG: lines over a shared axis, the steps of a
// search, and histograms, with limits and thresholds in them.
//
// Every chart is a function from values to text. Colours and sizes are
// presentation attributes, so a chart needs no stylesheet and no script;
// classes let a stylesheet change the colours. The package knows nothing of
// plans and runs.
package chart
