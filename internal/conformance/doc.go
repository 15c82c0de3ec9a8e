// Package conformance tests the load engine against servers of other projects,
// and against bytes that no server should send: with both transports, and with
// net/http as a reference.
//
// It has only tests. They use the public contract of the engine, not its
// implementation.
package conformance
