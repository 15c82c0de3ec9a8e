// Package plans turns plan files into one checked plan, or into all of their
// faults with their places.
//
// It knows nothing of networks, Docker or clocks. Nothing but this package
// imports HCL or cty: what is known only while a plan runs stays an expression
// in here and is evaluated when results are handed in.
package plans
