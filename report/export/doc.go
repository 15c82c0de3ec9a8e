// Package export writes the limits that a run proved in the forms in which
// services are run: an override for Compose, a line for docker update, a patch
// for Kubernetes. Above them stands what proves them.
//
// Everything is a function of the journal's values. The package does not know
// the files that the limits go into, nor how anything was run.
package export
