// Package check finds what is wrong with a plan beyond the form of each value:
// what does not fit together, and what a host cannot carry.
//
// Each check is a function of values that returns diagnostics. The values carry
// their source ranges, so nothing here knows how a plan file is read, and
// nothing asks an engine: a Host is handed in.
package check
