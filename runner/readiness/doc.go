// Package readiness waits until a service can answer requests: by HTTP, TCP, its
// log, a command, or the end of a job. It knows nothing of trials.
package readiness
