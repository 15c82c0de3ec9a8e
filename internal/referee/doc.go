// Package referee holds the answers of whole runs against services whose truth
// is known: it draws a service, what its neighbours and others do meanwhile, and a
// plan, lets the real runner carry the plan out on a machine that it makes up, in
// time of its own, and counts the answers that are not true.
//
// It has tests alone. They know the runner by what it asks of its surroundings
// and by the record of a run, and share no rule with it.
package referee
