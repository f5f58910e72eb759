// Package redistest answers: where does a test get a real Redis?
//
// It starts private redis-server processes on free ports of the loopback,
// with nothing on disk but a temporary directory, alone or as a Cluster, and
// can stop, freeze and restart them. A missing redis-server is an error that
// says how to install it, so that no test is silently skipped. On Linux the
// servers die with the test.
//
// It must never be imported by what serves: only by tests and by what plays
// faults for them.
package redistest
