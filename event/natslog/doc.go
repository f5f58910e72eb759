// Package natslog answers: where are events kept on one machine?
//
// It runs a NATS JetStream server inside this process, on files in one
// directory, and listens on no socket. [Log] packs what many goroutines append
// into few messages: one message is in flight at a time, everything that
// arrives meanwhile goes into the next one, and each is synced to disk before
// anybody's Append returns. A sync costs the same for one event or five
// thousand, so this is what makes durable notices cheap.
//
// Retention is by bytes and never at the expense of a consumer that must see
// everything ([Config].Consumers). Of what all of those have handled, the
// oldest is removed when the log is three quarters full; if one is so far
// behind that the log is full nevertheless, Append fails with
// [event.ErrFull]. Removing the oldest instead would discard money that was
// not booked, whereas a refused notice is sent again by the exchange, and
// bidding stops when notices cannot be kept.
//
// What it keeps survives the death of the process at any instant, and power
// loss as far as the disk and file system honour fsync. It is one copy: a
// machine that burns loses what was not booked.
//
// This package must never acknowledge what is not synced, never open a
// listener, and never use JetStream's asynchronous persistence.
package natslog
