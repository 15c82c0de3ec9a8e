// Package conformance holds the load engine against servers that others wrote,
// and against bytes that no server should send: on both of its transports, and
// beside net/http as a referee.
//
// It is tests alone. They know the engine by its contract, and nothing of how
// it is made.
package conformance
