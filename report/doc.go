// Package report prints a run for people and machines: tables and sentences, the
// JSON of format 1, CSV, and a line that moves while the run goes on.
//
// All but that line is a function of the run as the journal has it; the line is
// one of the runner's status. report/show prints a plan, report/load a load
// without one, report/export the limits that a run proved.
package report
