package natslog

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/dirlock"
)

var (
	_ event.Log    = (*Log)(nil)
	_ event.Source = (*Log)(nil)
)

// Log is a durable [event.Log] and [event.Source]: in one directory ([New]),
// or on servers elsewhere ([Connect]).
type Log struct {
	config   settings
	producer uint64
	lock     *dirlock.Lock  // nil if the server is elsewhere
	server   *server.Server // likewise
	mender   *mender        // likewise
	conn     *nats.Conn
	js       jetstream.JetStream
	stream   atomic.Pointer[jetstream.Stream] // nil while it was never reached

	encoders sync.Pool // of *encoder
	queue    *queue
	packed   chan struct{} // closed when the packer has ended
	counts   counts

	stop    context.CancelFunc // ends consumers and the trimmer
	stopped context.Context
	opening atomic.Pointer[opening] // of the files
	trim    chan struct{}           // holds one when there may be something to remove
	workers sync.WaitGroup

	mu      sync.Mutex
	names   map[string]bool // consumers that must see everything; true while one runs
	closing bool
}

// New opens the log in Config.Dir, creating it if there is none. After a crash
// it recovers everything that was acknowledged. Close it.
func New(config Config) (*Log, error) {
	s, err := config.settings()
	if err != nil {
		return nil, fmt.Errorf("cannot open event log: %w", err)
	}
	l, err := newLog(s)
	if err != nil {
		return nil, fmt.Errorf("cannot open event log: %w", err)
	}
	if err := l.open(config); err != nil {
		l.release()
		return nil, fmt.Errorf("cannot open event log in %s: %w", config.Dir, err)
	}
	l.start()
	return l, nil
}

func newLog(s settings) (*Log, error) {
	// A sequence must never repeat under one producer, or the server takes a
	// new batch for an old one. A random number per opening needs no state.
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, err
	}
	l := &Log{
		config:   s,
		producer: binary.BigEndian.Uint64(b[:]),
		queue:    newQueue(s.maxQueued),
		packed:   make(chan struct{}),
		trim:     make(chan struct{}, 1),
		names:    make(map[string]bool),
	}
	l.queue.producer = l.producer
	l.encoders.New = func() any { return new(encoder) }
	l.stopped, l.stop = context.WithCancel(context.Background())
	l.opening.Store(newOpening(l.stopped))
	for _, name := range s.consumers {
		l.names[name] = false
	}
	return l, nil
}

func (l *Log) open(c Config) error {
	err := os.MkdirAll(c.Dir, 0o750)
	if err != nil {
		return err
	}
	if l.lock, err = dirlock.Take(c.Dir); err != nil {
		return err
	}
	if l.server, err = startServer(c, l.config.logger, l.config.openTimeout); err != nil {
		return err
	}
	if l.conn, err = connect(l.server); err != nil {
		return err
	}
	if l.js, err = jetstream.New(l.conn); err != nil {
		return err
	}
	l.mender = &mender{config: c, store: *l.server.JetStreamConfig()}
	l.mender.store.StoreDir = c.Dir // it has the server's folder in it
	return l.openStreamOf(c)
}

// setStream makes the consumers that must see everything, and then lets
// events be appended: nothing may be trimmed that they have not seen.
func (l *Log) setStream(ctx context.Context, stream jetstream.Stream) error {
	for _, name := range l.config.consumers {
		if _, err := openConsumer(ctx, stream, name); err != nil {
			return fmt.Errorf("cannot open consumer %q: %w", name, err)
		}
	}
	l.stream.Store(&stream)
	return nil
}

// errNotReached is what everything returns until the stream was found.
var errNotReached = errors.New("no server was reached yet")

func (l *Log) openStream() (jetstream.Stream, error) {
	if s := l.stream.Load(); s != nil {
		return *s, nil
	}
	return nil, errNotReached
}

func (l *Log) start() {
	go l.pack()
	l.workers.Go(l.trimmer)
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
	var err error
	if l.conn.IsConnected() {
		err = l.conn.FlushTimeout(time.Second)
	}
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
		l.lock.Release()
	}
}
