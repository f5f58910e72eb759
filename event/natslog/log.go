package natslog

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tangent-dsp/tangent/event"
)

var (
	_ event.Log    = (*Log)(nil)
	_ event.Source = (*Log)(nil)
)

// Log is a durable [event.Log] and [event.Source] in one directory.
type Log struct {
	config   Config
	producer uint64
	lock     *dirLock
	server   *server.Server
	conn     *nats.Conn
	js       jetstream.JetStream
	stream   jetstream.Stream

	encoders sync.Pool // of *encoder
	queue    *queue
	packed   chan struct{} // closed when the packer has ended
	counts   counts

	stop    context.CancelFunc // ends consumers and the trimmer
	stopped context.Context
	trim    chan struct{} // holds one when there may be something to remove
	workers sync.WaitGroup

	mu      sync.Mutex
	names   map[string]bool // consumers that must see everything; true while one runs
	closing bool
}

// New opens the log in Config.Dir, creating it if there is none. After a crash
// it recovers everything that was acknowledged. Close it.
func New(config Config) (*Log, error) {
	c, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("cannot open event log: %w", err)
	}
	l := &Log{
		config: c,
		queue:  newQueue(c.MaxQueued),
		packed: make(chan struct{}),
		trim:   make(chan struct{}, 1),
		names:  make(map[string]bool),
	}
	l.encoders.New = func() any { return new(encoder) }
	l.stopped, l.stop = context.WithCancel(context.Background())
	if err := l.open(); err != nil {
		l.release()
		return nil, fmt.Errorf("cannot open event log in %s: %w", c.Dir, err)
	}
	go l.pack()
	l.workers.Go(l.trimmer)
	return l, nil
}

func (l *Log) open() error {
	// A sequence must never repeat under one producer, or the server takes a
	// new batch for an old one. A random number per opening needs no state.
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return err
	}
	l.producer = binary.BigEndian.Uint64(b[:])
	l.queue.producer = l.producer

	err := os.MkdirAll(l.config.Dir, 0o750)
	if err != nil {
		return err
	}
	if l.lock, err = lockDir(l.config.Dir); err != nil {
		return err
	}
	if l.server, err = startServer(l.config); err != nil {
		return err
	}
	if l.conn, l.js, err = connect(l.server); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(l.stopped, l.config.OpenTimeout)
	defer cancel()
	if l.stream, err = openStream(ctx, l.js, l.config); err != nil {
		return err
	}
	for _, name := range l.config.Consumers {
		if _, err := openConsumer(ctx, l.stream, name); err != nil {
			return fmt.Errorf("cannot open consumer %q: %w", name, err)
		}
		l.names[name] = false
	}
	return nil
}

// Close refuses new events, waits until those that were accepted are durable
// or have failed, ends every Consume, and closes the files.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return event.ErrClosed
	}
	l.closing = true
	l.mu.Unlock()

	l.queue.close()
	<-l.packed
	l.stop()
	l.workers.Wait()
	// Acknowledgements of consumers are on their way; what does not arrive is
	// delivered again.
	err := l.conn.FlushTimeout(time.Second)
	l.release()
	if err != nil {
		return fmt.Errorf("cannot flush event log: %w", err)
	}
	return nil
}

func (l *Log) release() {
	l.stop()
	if l.conn != nil {
		l.conn.Close()
	}
	if l.server != nil {
		stopServer(l.server)
	}
	if l.lock != nil {
		l.lock.release()
	}
}
