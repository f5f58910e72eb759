// Package spool answers: what keeps events while the log is away?
//
// A [Spool] stands before a log on other machines and is a log itself. An
// append goes to the primary; if that fails or takes too long, the events are
// synced to files on this machine, and the append succeeds. While the primary
// is away appends go to the files at once; in the background the oldest are
// offered to the primary again and again, and the files go when it has them.
// When both fail, Append fails, and nobody may be told that we know.
//
// Doubles: an append that the primary did not acknowledge in time may be in it
// nevertheless, and is replayed all the same; after a crash a segment that was
// replayed in part is replayed from its beginning. So the primary gets every
// event at least once, and under another message id each time. What makes this
// harmless is that an event carries its identity, the bid and the kind, which
// is unique where money is booked. Replay keeps the order in which events were
// spooled; events that go to the primary directly meanwhile overtake them, as
// late notices do anyway.
//
// Damage: records carry a checksum and a number that counts up without a gap,
// so what a disk garbled is skipped record by record and counted exactly
// ([Stats].Lost). A last write that the machine's death cut short was never
// acknowledged and is cut off; it is indistinguishable from damage to the very
// last record of all, so the bytes are reported ([Stats].Torn) either way.
//
// The residue: what is spooled exists once. If this machine's disk is lost
// between the answer to the exchange and the replay, so are those events, and
// only a reconciliation with the exchange's report finds them. [Spool.Drained]
// says when a machine may go.
//
// This package must never acknowledge what is not synced, never remove what
// the primary has not acknowledged, and never write to a file again after a
// sync of it failed: the kernel may have dropped what it could not write.
package spool
