package natslog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// RemoteConfig of a [Log] on servers elsewhere, see [Connect].
type RemoteConfig struct {
	// URLs are servers of one cluster, as nats://host:4222 or tls://host:4222;
	// more are learned from these. A user and password, or a token, may stand
	// before the host; they are in no error and no log line.
	URLs []string

	CredentialsFile string // of a user (.creds); read again at every connection
	CAFile          string // certificates that may sign the servers'; default the system's
	CertFile        string // ours, if the servers ask for one; with KeyFile
	KeyFile         string

	// Stream is the name of the stream; default "tangent". Its messages have
	// the subject Stream.events, hints go to Stream.hints.<incarnation>,
	// and what else is sent between machines to Stream.bus.<subject>.
	// Installations that share servers need a name each.
	Stream string

	// Replicas is how many servers keep each event, of which a majority must
	// have it before it is acknowledged. Default 3 in a cluster, else 1. A
	// stream that exists may have more.
	Replicas int

	Consumers []string      // as of Config; every process of an installation lists the same
	MaxBytes  int64         // as of Config, for the stream that this creates
	MaxQueued int           // as of Config
	MinGap    time.Duration // as of Config
	Gather    time.Duration // as of Config

	// AckTimeout is how long one attempt to write may take before the next;
	// default 2 s.
	AckTimeout time.Duration

	// AppendTimeout is how long an Append may take, with all attempts; default
	// 15 s, at most 30 s. A cluster that lost a server needs up to 10 s to
	// elect a leader.
	AppendTimeout time.Duration

	// OpenTimeout is how long Connect may take; default 10 s.
	OpenTimeout time.Duration

	// StartAway lets Connect return a log even if no server answers, or none
	// that is fit: Append fails until one does.
	StartAway bool

	// Logger hears when servers go away and come back, and of failing
	// consumers; default discards it.
	Logger *slog.Logger
}

// oldestServer is the first that can deliver again what a consumer did not
// acknowledge.
var oldestServer = [2]int{2, 14}

// remotePing is how often a silent server is asked whether it is there; two
// missing answers mean that it is not.
const remotePing = 2 * time.Second

func (c RemoteConfig) settings() (settings, error) {
	s := settings{
		stream: c.Stream, consumers: c.Consumers, maxBytes: c.MaxBytes, maxQueued: c.MaxQueued, minGap: c.MinGap, gather: c.Gather,
		ackTimeout: c.AckTimeout, appendTimeout: c.AppendTimeout, openTimeout: c.OpenTimeout,
		idleHeartbeat: time.Second, logger: c.Logger,
	}
	if s.stream == "" {
		s.stream = "tangent"
	}
	if err := checkName(s.stream); err != nil {
		return s, fmt.Errorf("stream %w", err)
	}
	s.subject, s.hints, s.bus = s.stream+".events", s.stream+".hints.", s.stream+".bus."
	if s.ackTimeout <= 0 {
		s.ackTimeout = 2 * time.Second
	}
	if s.appendTimeout <= 0 {
		s.appendTimeout = 15 * time.Second
	}
	if s.appendTimeout > idWindow/2 {
		return s, fmt.Errorf("an append may take %v: allowed is at most %v", s.appendTimeout, idWindow/2)
	}
	if s.openTimeout <= 0 {
		s.openTimeout = 10 * time.Second
	}
	return s.withDefaults()
}

// Connect opens the log that the servers at RemoteConfig.URLs keep, and
// creates it if there is none. Any number of processes may append to it at
// once. Close it.
func Connect(config RemoteConfig) (*Log, error) {
	s, err := config.settings()
	if err != nil {
		return nil, fmt.Errorf("cannot connect to event log: %w", err)
	}
	hosts, err := checkURLs(config.URLs)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to event log: %w", err)
	}
	l, err := newLog(s)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to event log: %w", err)
	}
	if err := l.dial(config); err != nil {
		l.release()
		return nil, fmt.Errorf("cannot connect to event log at %s: %w", hosts, err)
	}
	ctx, cancel := context.WithTimeout(l.stopped, s.openTimeout)
	defer cancel()
	err = l.reach(ctx, config.Replicas)
	switch {
	case err != nil && !config.StartAway:
		l.release()
		return nil, fmt.Errorf("cannot open event log at %s: %w", hosts, err)
	case err != nil:
		s.logger.Error("the event log is away: what is appended fails until it is reached", "servers", hosts, "error", err)
		l.workers.Go(func() { l.reachLater(config.Replicas) })
	}
	l.start()
	return l, nil
}

// checkURLs returns the hosts. Its errors quote nothing of a URL that cannot
// be read, since that may be a secret.
func checkURLs(urls []string) (string, error) {
	if len(urls) == 0 {
		return "", errors.New("no servers given")
	}
	hosts := make([]string, len(urls))
	for i, text := range urls {
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Host == "":
			return "", fmt.Errorf("server %d: want a URL like nats://host:4222", i+1)
		case u.Scheme != "nats" && u.Scheme != "tls":
			return "", fmt.Errorf("server %d, %s: want nats:// or tls://", i+1, u.Host)
		}
		hosts[i] = u.Host
	}
	return strings.Join(hosts, ","), nil
}

// dial returns at once when nothing answers, and goes on trying.
func (l *Log) dial(c RemoteConfig) error {
	logger := l.config.logger
	opts := []nats.Option{
		nats.Name("tangent"),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(100 * time.Millisecond), nats.ReconnectJitter(100*time.Millisecond, 500*time.Millisecond),
		nats.ReconnectBufSize(-1),   // do not publish later what was reported as failed
		nats.IgnoreAuthErrorAbort(), // credentials are renewed while we run
		nats.Timeout(2 * time.Second), nats.PingInterval(remotePing), nats.MaxPingsOutstanding(2),
		nats.NoCallbacksAfterClientClose(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			logger.Warn("event log: server lost", "error", err)
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			logger.Info("event log: server reached", "server", nc.ConnectedAddr())
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			logger.Warn("event log: server or hints", "error", err)
		}),
	}
	if c.CredentialsFile != "" {
		opts = append(opts, nats.UserCredentials(c.CredentialsFile))
	}
	if c.CAFile != "" {
		opts = append(opts, nats.RootCAs(c.CAFile))
	}
	if c.CertFile != "" || c.KeyFile != "" {
		opts = append(opts, nats.ClientCert(c.CertFile, c.KeyFile))
	}
	var err error
	if l.conn, err = nats.Connect(strings.Join(c.URLs, ","), opts...); err != nil {
		return err
	}
	l.js, err = jetstream.New(l.conn, jetstream.WithDefaultTimeout(l.config.ackTimeout))
	return err
}

// reach waits for a server, and finds the stream or creates it.
func (l *Log) reach(ctx context.Context, replicas int) error {
	var err error
	for {
		if again := l.reachOnce(ctx, replicas); again == nil {
			return nil
		} else if err == nil || ctx.Err() == nil {
			err = again
		}
		if errors.Is(err, errUnfit) {
			return err
		}
		if sleep(ctx, retryMax) != nil {
			return err
		}
	}
}

// errUnfit marks what does not change by waiting.
var errUnfit = errors.New("not fit for money")

func (l *Log) reachOnce(ctx context.Context, replicas int) error {
	// A cluster without a leader may not answer at all.
	ctx, cancel := context.WithTimeout(ctx, 2*l.config.ackTimeout)
	defer cancel()
	if !l.conn.IsConnected() {
		if err := l.conn.LastError(); err != nil {
			return err
		}
		return nats.ErrNoServers
	}
	if v := l.conn.ConnectedServerVersion(); olderThan(v, oldestServer) {
		return fmt.Errorf("%w: the server's version is %.20s, want %d.%d or newer", errUnfit, v, oldestServer[0], oldestServer[1])
	}
	if most := l.conn.MaxPayload(); most < mib {
		return fmt.Errorf("%w: the server's max_payload is %d, want at least %d", errUnfit, most, mib)
	}
	if replicas == 0 {
		replicas = 1
		if l.conn.ConnectedClusterName() != "" {
			replicas = 3
		}
	}
	stream, err := openSharedStream(ctx, l.js, l.config, replicas)
	if err != nil {
		return err
	}
	return l.setStream(ctx, stream)
}

func (l *Log) reachLater(replicas int) {
	for {
		ctx, cancel := context.WithTimeout(l.stopped, time.Minute)
		err := l.reach(ctx, replicas)
		cancel()
		if err == nil {
			l.config.logger.Info("the event log was reached", "server", l.conn.ConnectedAddr())
			l.wakeTrimmer()
			return
		}
		if l.stopped.Err() != nil {
			return
		}
		l.config.logger.Error("the event log is still away", "error", err)
		if sleep(l.stopped, backoffMax) != nil {
			return
		}
	}
}

// olderThan compares the beginning of a version like 2.14.0-beta.
func olderThan(version string, oldest [2]int) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	return errA != nil || errB != nil || a < oldest[0] || a == oldest[0] && b < oldest[1]
}
