// Package truth compares the results of the load engine with the log of a
// referee: a server in a process of its own, on raw sockets, that treats each
// request as drawn and logs its arrival, its response, and whether the other
// side received it.
//
// It has only tests. They use engine.Run and its result, not the
// implementation.
package truth
