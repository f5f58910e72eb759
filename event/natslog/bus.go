package natslog

import (
	"fmt"

	"github.com/nats-io/nats.go"
)

// How much may wait for one subscriber; more is dropped.
const (
	maxBusMessages = 4096
	maxBusBytes    = 64 * mib
)

// Publish sends a message of up to 1 MiB to all that subscribe to its subject,
// on any machine. It waits for nothing and keeps nothing, as Tell.
func (l *Log) Publish(subject string, message []byte) error {
	if err := l.conn.Publish(l.config.bus+subject, message); err != nil {
		return fmt.Errorf("cannot publish to %s: %w", subject, err)
	}
	return nil
}

// Subscribe calls handle for every message to the subject, this log's own
// included, as Listen does.
func (l *Log) Subscribe(subject string, handle func(message []byte)) (stop func(), err error) {
	stop, err = l.listen(l.config.bus+subject, maxBusMessages, maxBusBytes, handle)
	if err != nil {
		return nil, fmt.Errorf("cannot subscribe to %s: %w", subject, err)
	}
	return stop, nil
}

func (l *Log) listen(subject string, messages, bytes int, handle func([]byte)) (stop func(), err error) {
	sub, err := l.conn.Subscribe(subject, func(m *nats.Msg) { handle(m.Data) })
	if err == nil {
		if err = sub.SetPendingLimits(messages, bytes); err != nil {
			sub.Unsubscribe()
		}
	}
	if err == nil && l.conn.IsConnected() {
		// What is sent after listen returned is heard. If the server is away,
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
		return nil, err
	}
	return func() { sub.Unsubscribe() }, nil
}
