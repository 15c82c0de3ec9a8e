// Package runner carries a plan out: stages become trials, trials become
// verdicts, verdicts become answers, and every trial becomes a line of the
// journal before the next one starts.
//
// It is a pure core (which trial next? what did this one show?) in a thin
// shell that starts, loads, watches, judges and removes. It knows nothing of
// HCL, of Docker or of tables.
package runner
