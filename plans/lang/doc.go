// Package lang is the language of plan files: it makes a plan of a file, or all
// of its diagnostics, and computes what depends on the results of stages.
//
// It knows nothing of networks, Docker or clocks. Besides it, only the writer of
// package compose imports HCL or cty.
package lang
