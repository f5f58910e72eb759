// Package loopback answers: where on this machine can a server of a test start,
// and start again?
//
// A server that is told to listen on port 0 gets one that the kernel would
// also give to an outgoing connection. When such a server ends, any program's
// next connection may take its port, and it cannot be started again at its
// address. [Ports] gives ports that no connection is given and that no other
// process is given by this package.
//
// It must never be imported by what serves: only by tests and by what plays
// whole worlds on one machine.
package loopback
