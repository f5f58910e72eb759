// Package usersync answers: which of an exchange's ids is which of ours?
//
// A [Syncer] is the browser's face of it. An exchange sends a browser to
// /sync/{exchange} with its own id, and we keep the match; or our page sends it
// to /sync/{exchange}/start, and from there it goes to the exchange with our
// id. /optout ends it. Partners with a key post matches to
// /sync/{exchange}/upload, and operators import files of them: both are read by
// [Import]. What is kept, and how long, is package audience's.
//
// # What this package must never do
//
// It must never set or renew a cookie, keep a match or show an exchange our id
// without the leave of the gate, asked with the request's own signals, nor that
// of a user who opted out or of whom nobody can say whether. It never sends a
// browser anywhere but to an address of the settings. No error, metric or log
// of it carries an id, a cookie or a consent string.
package usersync
