package natslog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	streamName = "events"
	subject    = "events"

	// A message id is remembered this long: longer than all attempts to
	// publish a message may take.
	idWindow = time.Minute
)

// startServer starts a JetStream server that listens nowhere.
func startServer(c Config) (*server.Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName:             "tangent",
		DontListen:             true,
		NoSigs:                 true, // signals are the program's
		NoSystemAccount:        true,
		DisableJetStreamBanner: true,
		JetStream:              true,
		StoreDir:               c.Dir,
		SyncAlways:             !c.NoSync,
		JetStreamMaxMemory:     mib,     // no stream is in memory; 0 would take most of the machine's
		JetStreamMaxStore:      1 << 60, // the stream has its own limit
		MaxPayload:             mib,
	})
	if err != nil {
		return nil, err
	}
	s.SetLogger(serverLog{c.Logger}, false, false)
	s.Start()
	if !s.ReadyForConnections(c.OpenTimeout) {
		stopServer(s)
		return nil, fmt.Errorf("the log's files were not read within %v", c.OpenTimeout)
	}
	if !s.JetStreamEnabled() {
		stopServer(s)
		return nil, errors.New("the log's files cannot be used; the server's warnings say why")
	}
	return s, nil
}

func stopServer(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

func connect(s *server.Server) (*nats.Conn, jetstream.JetStream, error) {
	nc, err := nats.Connect("", nats.InProcessServer(s),
		nats.Name("tangent"),
		nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond),
		nats.ReconnectBufSize(-1)) // do not publish later what was reported as failed
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return nc, js, nil
}

// openStream creates the stream, or brings it to the configuration.
func openStream(ctx context.Context, js jetstream.JetStream, c Config) (jetstream.Stream, error) {
	// The server would remove the oldest events, handled or not, to bring a
	// stream below a limit that was lowered.
	s, err := js.Stream(ctx, streamName)
	switch {
	case err == nil:
		if size := s.CachedInfo().State.Bytes; size > uint64(c.MaxBytes) {
			return nil, fmt.Errorf("it holds %d bytes already, and the most to keep is set to %d", size, c.MaxBytes)
		}
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, err
	}
	return js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:       streamName,
		Subjects:   []string{subject},
		Retention:  jetstream.LimitsPolicy,
		Storage:    jetstream.FileStorage,
		Discard:    jetstream.DiscardNew, // refuse rather than lose; trim.go makes room
		MaxBytes:   c.MaxBytes,
		MaxMsgs:    -1,
		Duplicates: idWindow,
		Replicas:   1,
	})
}

// openConsumer creates or finds the durable consumer of a name. It begins at
// the oldest event. Events are handled in order and one at a time, so that
// acknowledging one acknowledges all before it.
func openConsumer(ctx context.Context, stream jetstream.Stream, name string) (jetstream.Consumer, error) {
	return stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:       name,
		DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy:     jetstream.AckAllPolicy,
		// Nobody else reads under this name, so a timeout must not deliver
		// again behind the back of a slow handler, out of order. What a
		// killed process left is delivered again by a reset, see consume.go.
		AckWait:       365 * 24 * time.Hour,
		MaxDeliver:    -1,
		MaxAckPending: 4 * fetchMessages,
	})
}

// serverLog passes the embedded server's warnings on and drops its chatter.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Warnf(format string, v ...any)  { l.warn(format, v) }
func (l serverLog) Errorf(format string, v ...any) { l.warn(format, v) }
func (l serverLog) Fatalf(format string, v ...any) { l.warn(format, v) }
func (serverLog) Noticef(string, ...any)           {}
func (serverLog) Debugf(string, ...any)            {}
func (serverLog) Tracef(string, ...any)            {}

func (l serverLog) warn(format string, v []any) {
	l.log.Warn("event log server", "message", fmt.Sprintf(format, v...))
}
