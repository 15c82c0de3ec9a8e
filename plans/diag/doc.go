// Package diag has diagnostics about plan files: what is wrong, where it
// stands, and what to write instead; how they are written for people, editors
// and programs; and what each code means.
//
// It knows nothing of plans or of HCL: ranges and texts are handed in.
package diag
