package natslog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/loopback"
)

func TestRemoteLogIsALog(t *testing.T) {
	s := serve(t, server.Options{})
	// given two producers and a consumer
	a, b := dial(t, s.config()), dial(t, s.config())
	kept := appendMany(t, []*Log{a, b}, 1, 100)
	// then each event is there once, packed, and is remembered by name
	got := consume(t, a, "booking", 100)
	slices.Sort(got)
	if !slices.Equal(got, kept) {
		t.Errorf("consumed %v, want 1 to 100", got)
	}
	if st := a.Stats(); st.Events != 50 || st.Batches > 25 || !st.Connected {
		t.Errorf("stats are %+v, want 50 events in few batches", st)
	}
	wantPending(t, b, "booking", 0)
	closeLog(t, a)
	// and another process goes on where the first one was
	appendSeqs(t, b, 101)
	if got := consume(t, b, "booking", 1); !slices.Equal(got, seqs(101, 101)) {
		t.Errorf("consumed %v, want 101", got)
	}
}

// For a moment two workers may both take themselves for the leader. Where both
// stay, each may have the other begin again, but they get on.
func TestTwoProcessesUnderOneNameMissNothing(t *testing.T) {
	t.Parallel()
	for name, bothStay := range map[string]bool{"both stay": true, "one ends": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			missNothing(t, bothStay)
		})
	}
}

func missNothing(t *testing.T, bothStay bool) {
	s := serve(t, server.Options{})
	a, b := dial(t, s.config()), dial(t, s.config())
	seen := newSeen()
	var wg sync.WaitGroup
	var ends [2]context.CancelFunc
	for i, l := range []*Log{a, b} {
		var ctx context.Context
		ctx, ends[i] = context.WithCancel(t.Context())
		wg.Go(func() {
			if err := l.Consume(ctx, "booking", seen.handle); err != nil {
				t.Error(err)
			}
		})
	}
	var kept []uint64
	for i := range uint64(20) {
		kept = append(kept, appendMany(t, []*Log{a, b}, 100*i, 20)...)
	}
	if !bothStay {
		ends[0]()
	}
	eventually(t, time.Minute, "both together have seen everything", func() bool { return seen.all(kept) })
	ends[0]()
	ends[1]()
	wg.Wait()
}

func TestServerThatRestarts(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	c := s.config()
	c.AppendTimeout, c.AckTimeout = 300*time.Millisecond, 100*time.Millisecond
	short := dial(t, c)
	long := dial(t, s.config())
	seen := newSeen()
	ctx, cancel := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	reading.Go(func() {
		if err := long.Consume(ctx, "booking", seen.handle); err != nil {
			t.Error(err)
		}
	})
	appendSeqs(t, long, 1)
	eventually(t, 10*time.Second, "the first event is seen", func() bool { return seen.all(seqs(1, 1)) })

	// when the server goes away, then appends fail in bounded time
	s.stop()
	start := time.Now()
	if err := short.Append(context.Background(), numbered(2)); err == nil {
		t.Error("a server that is away acknowledged")
	}
	if took := time.Since(start); took > 10*time.Second { // an append that has no time of its own waits 15 s
		t.Errorf("that took %v", took)
	}
	// and when it comes back in time, an append that waited is kept
	waited := make(chan error)
	go func() { waited <- long.Append(context.Background(), numbered(3)) }()
	s.start(t)
	if err := <-waited; err != nil {
		t.Errorf("an append that waited for the server: %v", err)
	}
	eventually(t, 10*time.Second, "the impatient one comes back too", func() bool {
		return short.Append(context.Background(), numbered(4)) == nil
	})
	eventually(t, 10*time.Second, "the consumer goes on", func() bool { return seen.all([]uint64{1, 3, 4}) })
	cancel()
	reading.Wait()
}

func TestStartingWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	s.stop()
	c := s.config()
	c.OpenTimeout = 50 * time.Millisecond
	if l, err := Connect(c); err == nil {
		l.Close()
		t.Error("connected to nothing")
	}
	c.StartAway = true
	l := dial(t, c)
	if err := l.Append(t.Context(), numbered(1)); err == nil {
		t.Error("nothing acknowledged an append")
	}
	if _, err := l.Pending(t.Context(), "booking"); err == nil {
		t.Error("nothing knows what is pending")
	}
	s.start(t)
	eventually(t, 20*time.Second, "the log is reached", func() bool { return l.Append(t.Context(), numbered(2)) == nil })
	if got := consume(t, l, "booking", 1); !slices.Equal(got, seqs(2, 2)) {
		t.Errorf("consumed %v, want 2", got)
	}
}

func TestStreamThatExists(t *testing.T) {
	s := serve(t, server.Options{})
	base, err := s.config().settings()
	if err != nil {
		t.Fatal(err)
	}
	admin := dial(t, RemoteConfig{URLs: s.config().URLs, Stream: "admin", MaxBytes: minBytes})
	for name, test := range map[string]struct {
		change func(*jetstream.StreamConfig)
		want   string // in the error; empty means it is taken
	}{
		"as we make it":       {func(c *jetstream.StreamConfig) {}, ""},
		"of another size":     {func(c *jetstream.StreamConfig) { c.MaxBytes = 5 * minBytes; c.Description = "by hand" }, ""},
		"in memory":           {func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage; c.MaxBytes = 1000 }, "storage"},
		"forgetting old":      {func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld }, "discards old"},
		"forgetting with age": {func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour }, "forgets after"},
		"of a work queue":     {func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy }, "retention"},
		"of other subjects":   {func(c *jetstream.StreamConfig) { c.Subjects = []string{"other"} }, "subjects"},
		"of a short memory":   {func(c *jetstream.StreamConfig) { c.Duplicates = time.Second }, "duplicate window"},
		"writing later":       {func(c *jetstream.StreamConfig) { c.PersistMode = jetstream.AsyncPersistMode }, "persist mode"},
		"taking little":       {func(c *jetstream.StreamConfig) { c.MaxMsgSize = 1000 }, "messages of 1000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			config := base.streamConfig(1)
			test.change(&config)
			if _, err := admin.js.CreateStream(t.Context(), config); err != nil {
				t.Fatal(err)
			}
			defer admin.js.DeleteStream(context.Background(), config.Name)
			l, err := Connect(s.config())
			if err == nil {
				defer l.Close()
			}
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error is %v, want %q in it", err, test.want)
			}
			got, err := admin.js.Stream(t.Context(), config.Name)
			if err != nil || got.CachedInfo().Config.MaxBytes != config.MaxBytes || got.CachedInfo().Config.Description != config.Description {
				t.Errorf("the stream was changed to %+v (%v)", got.CachedInfo().Config, err)
			}
		})
	}
}

func TestWhatCannotBeConnectedTo(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{Username: "bidder", Password: "hunter2"})
	addr := strings.TrimPrefix(s.config().URLs[0], "nats://")
	for name, c := range map[string]RemoteConfig{
		"no server":         {},
		"no URL":            {URLs: []string{"se cret://hunter2@%"}},
		"no scheme of ours": {URLs: []string{"http://bidder:hunter2@" + addr}},
		"wrong password":    {URLs: []string{"nats://bidder:secret-hunter3@" + addr}},
		"wrong token":       {URLs: []string{"nats://secret-token@" + addr}},
		"nobody there":      {URLs: []string{fmt.Sprintf("nats://bidder:hunter2@127.0.0.1:%d", loopback.Need(t, 1)[0])}},
		"no TLS there":      {URLs: []string{"tls://bidder:hunter2@" + addr}},
		"no credentials":    {URLs: []string{"nats://" + addr}, CredentialsFile: t.TempDir() + "/none.creds"},
		"no certificate":    {URLs: []string{"tls://" + addr}, CertFile: t.TempDir() + "/none.pem", KeyFile: t.TempDir() + "/none.key"},
		"bad stream name":   {URLs: []string{"nats://" + addr}, Stream: "a.b"},
		"too patient":       {URLs: []string{"nats://" + addr}, AppendTimeout: time.Hour},
		"bad consumer":      {URLs: []string{"nats://" + addr}, Consumers: []string{""}},
		"too many replicas": {URLs: []string{"nats://bidder:hunter2@" + addr}, Replicas: 3, MaxBytes: minBytes},
	} {
		c.OpenTimeout = 300 * time.Millisecond
		l, err := Connect(c)
		if err == nil {
			l.Close()
			t.Errorf("%s: connected", name)
			continue
		}
		for _, secret := range []string{"hunter", "secret"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error tells a secret: %v", name, err)
			}
		}
		t.Logf("%s: %v", name, err)
	}
}

func TestOldServers(t *testing.T) {
	for version, old := range map[string]bool{
		"2.14.0": false, "2.15.2": false, "3.0.0-beta": false, "2.14.0-RC.1": false,
		"2.13.9": true, "1.99.0": true, "": true, "dev": true,
	} {
		if got := olderThan(version, oldestServer); got != old {
			t.Errorf("%q is too old: %t, want %t", version, got, old)
		}
	}
}

// dial returns a log that is closed when the test ends, if it is not before.
func dial(t testing.TB, c RemoteConfig) *Log {
	t.Helper()
	l, err := Connect(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil && !errors.Is(err, event.ErrClosed) {
			t.Error(err)
		}
	})
	return l
}

// tcpServer is a server in this process that others reach over loopback.
type tcpServer struct {
	opts server.Options
	s    *server.Server
}

// serve starts a server; it stops when the test ends.
func serve(t *testing.T, opts server.Options) *tcpServer {
	t.Helper()
	opts.Host, opts.Port = "127.0.0.1", loopback.Need(t, 1)[0]
	opts.JetStream, opts.StoreDir, opts.SyncAlways = true, t.TempDir(), true
	opts.NoSigs, opts.NoSystemAccount = true, true
	opts.JetStreamMaxMemory, opts.JetStreamMaxStore = mib, 1<<30
	s := &tcpServer{opts: opts}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

func (s *tcpServer) start(t *testing.T) {
	t.Helper()
	opts := s.opts // the server changes it
	var err error
	if s.s, err = server.NewServer(&opts); err != nil {
		t.Fatal(err)
	}
	s.s.Start()
	if !s.s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
}

func (s *tcpServer) stop() { stopServer(s.s) }

func (s *tcpServer) config() RemoteConfig {
	return RemoteConfig{
		URLs: []string{fmt.Sprintf("nats://127.0.0.1:%d", s.opts.Port)}, Consumers: []string{"booking"},
		MaxBytes: minBytes,
	}
}
