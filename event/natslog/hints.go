package natslog

import (
	"fmt"
	"strconv"
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
	stop, err = l.listen(l.hintSubject(incarnation), maxHints, 4*mib, handle)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for incarnation %d: %w", incarnation, err)
	}
	return stop, nil
}

func (l *Log) hintSubject(incarnation uint64) string {
	return l.config.hints + strconv.FormatUint(incarnation, 10)
}
