package natslog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// mendEvery is the least time between two attempts to open the files anew.
	mendEvery = time.Second

	// room is what the disk must take before it: two of the largest messages.
	room = 2 * mib

	// askAfter is how long a write takes before its server is asked whether
	// it is well, and again as often.
	askAfter = 200 * time.Millisecond
)

// mender opens the files of a server in this process anew. After one write
// that failed, as on a full disk, the server's store refuses all others, for
// as long as it is open, whatever became of the disk; and the server answers
// none of them. Only the packer uses it.
type mender struct {
	config  Config
	store   server.JetStreamConfig
	refused error     // why the store takes nothing more; nil if it does
	tried   time.Time // when it was last opened anew, or the disk was full still
}

// opening is the time between one opening of the files and the next.
type opening struct {
	ctx context.Context
	end context.CancelFunc
}

func newOpening(parent context.Context) *opening {
	ctx, cancel := context.WithCancel(parent)
	return &opening{ctx, cancel}
}

// attempt publishes a message once. With a server in this process it does not
// wait for an answer that cannot come.
func (l *Log) attempt(ctx context.Context, msg *nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, l.config.ackTimeout)
	defer cancel()
	if l.mender == nil {
		_, err := l.js.PublishMsg(ctx, msg, jetstream.WithRetryAttempts(0))
		return err
	}
	asking := time.AfterFunc(askAfter, func() {
		for l.unwell() == nil {
			if sleep(ctx, askAfter) != nil {
				return
			}
		}
		cancel()
	})
	defer asking.Stop()
	_, err := l.js.PublishMsg(ctx, msg, jetstream.WithRetryAttempts(0))
	if err == nil {
		return nil
	}
	if unwell := l.unwell(); unwell != nil {
		l.mender.refused = unwell
		return unwell
	}
	return err
}

// unwell returns why the server in this process stores nothing more, or nil.
func (l *Log) unwell() error {
	if !l.server.JetStreamEnabled() {
		return fmt.Errorf("%w: its files are closed", errRefused)
	}
	for _, e := range l.server.Healthz(&server.HealthzOptions{Details: true}).Errors {
		if e.Type == server.HealthzErrorStream {
			return fmt.Errorf("%w: %s", errRefused, e.Error)
		}
	}
	return nil
}

var errRefused = errors.New("the log's files take nothing more")

// mend opens the files anew if the store refused a write, and the disk has room
// again. Until then it leaves them open, so that what they hold can be read,
// and returns why. Consumers find their places again by themselves.
func (l *Log) mend() error {
	m := l.mender
	if m == nil || m.refused == nil {
		return nil
	}
	if time.Since(m.tried) < mendEvery {
		return m.refused
	}
	m.tried = time.Now()
	if err := m.probe(); err != nil {
		return fmt.Errorf("%w; and the disk takes nothing yet: %w", m.refused, err)
	}
	if err := l.reopen(); err != nil {
		l.config.logger.Error("cannot open the event log's files anew, trying again", "error", err)
		return fmt.Errorf("%w; and its files cannot be opened anew: %w", m.refused, err)
	}
	l.config.logger.Info("the event log's files were opened anew", "after", m.refused)
	m.refused = nil
	return nil
}

// probe writes and syncs a little, and removes it.
func (m *mender) probe() error {
	path := filepath.Join(m.config.Dir, "probe")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, room))
	if err == nil && !m.config.NoSync {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(path))
}

// reopen closes the server's files and reads them again, as a start does. The
// server itself goes on, and with it our connection.
func (l *Log) reopen() error {
	if err := l.server.ShutdownJetStream(); err != nil {
		return err
	}
	store := l.mender.store // the server changes what it is given
	if err := l.server.EnableJetStream(&store); err != nil {
		return err
	}
	if err := l.openStreamOf(l.mender.config); err != nil {
		return err
	}
	l.opening.Swap(newOpening(l.stopped)).end()
	return nil
}

// openStreamOf makes the stream in the server's files ready to be appended to.
func (l *Log) openStreamOf(c Config) error {
	ctx, cancel := context.WithTimeout(l.stopped, l.config.openTimeout)
	defer cancel()
	stream, err := openOwnStream(ctx, l.js, l.config)
	if err != nil {
		return err
	}
	if err := l.setStream(ctx, stream); err != nil || c.NoSync {
		return err
	}
	return syncDirs(c.Dir)
}
