// Package live prints the progress of a run while it goes on: a block of lines that
// moves on a terminal, else plain lines. It prints what the runner reports, in the
// texts of package report, and decides nothing.
package live
