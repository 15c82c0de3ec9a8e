// Package runner runs a plan: stages become trials, trials become verdicts,
// verdicts become answers, and every trial becomes a line of the journal before
// the next one starts.
//
// It is the shell that starts, loads, watches and removes. What is decided is in
// pure packages below it: search (which value next), answer and ramp (what trials
// prove), judge (what one trial shows), evidence (what is kept of it). It knows
// nothing of HCL, Docker or tables.
package runner
