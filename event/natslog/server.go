package natslog

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// startServer starts a JetStream server that listens nowhere.
func startServer(c Config, logger *slog.Logger, openTimeout time.Duration) (*server.Server, error) {
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
	s.SetLogger(serverLog{logger}, false, false)
	s.Start()
	if !s.ReadyForConnections(openTimeout) {
		stopServer(s)
		return nil, fmt.Errorf("the log's files were not read within %v", openTimeout)
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

func connect(s *server.Server) (*nats.Conn, error) {
	return nats.Connect("", nats.InProcessServer(s),
		nats.Name("tangent"),
		nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond),
		nats.ReconnectBufSize(-1)) // do not publish later what was reported as failed
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
