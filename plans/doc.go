// Package plans has plans as values: what is to be run and found, and the most
// that it takes.
//
// It knows nothing of files, networks, Docker or clocks. Package lang makes a
// plan of a file, and computes what depends on the results of stages.
package plans
