// Package verify checks the journal of a run: it decides each trial again from its
// histograms, counters, thresholds and the limits read back, and each answer from
// the trials.
//
// It shares no code with the packages that run and judge trials, and reads the
// journal by its own types: an error in those packages, or an edit of the file,
// shows as a difference. It knows nothing of how a run is made or printed.
//
// It does not decide again what the journal has no evidence for: whether others
// disturbed a trial, whether a dependency failed, and the conditions of assertions.
package verify
