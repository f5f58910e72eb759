// Package postgrestest answers: where does a test get a real PostgreSQL?
//
// It starts a private server on a free port of the loopback, with its files
// in a temporary directory, and makes empty schemas in it, or copies of a filled
// database: one server per test binary, a schema or a copy per test. PostgreSQL refuses to run as root, so for root it
// runs as nobody. A missing server is an error that says how to install it, so
// that no test is silently skipped. On Linux the server dies with the test.
//
// Nothing is synced: what is tested is what survives a crash of the server,
// not of the machine. It must never be imported by what serves: only by tests
// and by what plays faults for them.
package postgrestest
