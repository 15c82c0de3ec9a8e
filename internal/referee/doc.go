// Package referee tests the answers of whole runs against services with known
// limits. It draws a service, disturbances and a plan, lets the real runner
// execute the plan on a simulated machine with simulated time, and counts wrong
// answers.
//
// It has only tests. They use the runner's interfaces and the journal, and
// share no rule with it.
package referee
