// Package report prints a run for people: tables and sentences, and a comparison of
// two runs.
//
// All of it is a function of the run as the journal has it. report/formats writes a
// run for other programs, report/live shows one while it goes on; report/show prints
// a plan, report/load a load without one, report/export the limits that a run proved.
package report
