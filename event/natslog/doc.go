// Package natslog answers: where are events kept?
//
// In NATS JetStream: either a server that it runs in this process, on files in
// one directory and listening on no socket ([New]), or a cluster elsewhere that
// any number of processes share ([Connect]). [Log] packs what many goroutines
// append into few messages: one message is in flight at a time, everything
// that arrives meanwhile goes into the next one, and each is synced to disk, or
// on a quorum, before anybody's Append returns. A sync costs the same for one
// event or five thousand, so this is what makes durable notices cheap. Writes
// and reads that follow each other closely wait a little for that, see
// [Config].MinGap and Gather.
//
// Each message has an id (the opening of the log, and the number of its first
// event), which the server remembers for a minute, longer than all attempts to
// publish it: a lost acknowledgement stores nothing twice. What is appended
// again under another id, by an exchange that sends a notice twice or by a
// spool, is told apart where money is booked, by bid and kind.
//
// Retention is by bytes and never at the expense of a consumer that must see
// everything ([Config].Consumers). Of what all of those have handled, the
// oldest is removed when the log is three quarters full; if one is so far
// behind that the log is full nevertheless, Append fails with
// [event.ErrFull]. Removing the oldest instead would discard money that was
// not booked, whereas a refused notice is sent again by the exchange, and
// bidding stops when notices cannot be kept.
//
// [Log.Tell] and [Log.Listen] carry hints between bidders over the same
// connection. They are kept nowhere and prove nothing: whoever may publish on
// the hints' subject can free or lower a hold, never book money, so the
// servers should let only bidders do it. [Log.Publish] and [Log.Subscribe] are
// the same for what concerns every machine.
//
// # What survives
//
// In this process: the death of the process at any instant, and power loss as
// far as the disk honours a sync. It is one copy: a machine that burns loses
// what was not booked. The server syncs its files, but not the name of a file
// that it begins while it runs, every some megabytes: ext4, XFS and btrfs keep
// the name with the first sync of the file itself; on a file system that does
// not, a power failure within two minutes of such a beginning can lose what
// the file holds.
//
// A disk that is full, or refuses a write otherwise: that Append fails, and all
// after it do, for the server's store takes nothing more while it is open. Once
// the disk takes a probe of 2 MiB, the files are closed and read anew, in the
// process; until then what they hold is still delivered. A disk that failed a
// sync while it had room may have dropped what it was given: replace it.
//
// Elsewhere: with three replicas an acknowledged event is with two servers,
// and the loss of any one loses nothing. Run them with
//
//	jetstream { sync_interval: always }
//
// Otherwise (the default is two minutes) an acknowledged event is in the
// memory of two machines, and on disk only later: if a majority loses power at
// once, as machines in one room do, what was acknowledged since the last sync
// can be gone, and only a reconciliation finds it. A single server elsewhere
// without it loses the same by its own power failure alone. The servers do not
// tell a client how they sync, so this cannot be checked here. A stream that
// exists is taken only if it is on file, has the replicas, and forgets nothing
// by itself.
//
// This package must never acknowledge what is not synced (or, elsewhere,
// acknowledged by the servers), never open a listener, never use JetStream's
// asynchronous persistence, and never show a URL's user, password or token.
package natslog
