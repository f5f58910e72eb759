package natslog

import (
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
)

// maxHints is how many messages may wait for one listener; more are dropped.
const maxHints = 4096

// Tell sends a message to whoever listens for an incarnation, on any machine.
// It waits for nothing and keeps nothing: what is sent while the server is
// away, nobody listens, or the listener is far behind, is gone. It allows
// messages of up to 1 MiB. The message is [event.AppendHint]'s.
func (l *Log) Tell(incarnation uint64, message []byte) error {
	if err := l.conn.Publish(l.hintSubject(incarnation), message); err != nil {
		return fmt.Errorf("cannot tell incarnation %d: %w", incarnation, err)
	}
	return nil
}

// Listen calls handle for every message that is told an incarnation, one at a
// time, until stop is called or the log is closed. handle must not keep the
// message, and may run once more while stop returns.
func (l *Log) Listen(incarnation uint64, handle func(message []byte)) (stop func(), err error) {
	sub, err := l.conn.Subscribe(l.hintSubject(incarnation), func(m *nats.Msg) { handle(m.Data) })
	if err == nil {
		if err = sub.SetPendingLimits(maxHints, 4*mib); err != nil {
			sub.Unsubscribe()
		}
	}
	if err == nil && l.conn.IsConnected() {
		// What is told after Listen returned is heard. If the server is away,
		// the subscription is made when it comes back.
		err = l.conn.FlushTimeout(l.config.ackTimeout)
		if !l.conn.IsConnected() {
			err = nil
		}
		if err != nil {
			sub.Unsubscribe()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen for incarnation %d: %w", incarnation, err)
	}
	return func() { sub.Unsubscribe() }, nil
}

func (l *Log) hintSubject(incarnation uint64) string {
	return l.config.hints + strconv.FormatUint(incarnation, 10)
}
