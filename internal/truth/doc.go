// Package truth holds what the load engine says against the log of a referee:
// a server in a process of its own that speaks to sockets itself, does to each
// request what was drawn for it, and writes down when it came, when the answer
// went out, and whether the other side took it.
//
// It has tests alone. They know the engine by engine.Run and its result, and
// nothing of how it is made.
package truth
