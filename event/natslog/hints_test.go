package natslog

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/tangent-dsp/tangent/event"
)

func TestHintsReachTheOneTheyAreFor(t *testing.T) {
	remote := serve(t, server.Options{})
	for name, logs := range map[string][2]*Log{
		"two machines": {dial(t, remote.config()), dial(t, remote.config())},
		"one process":  func() [2]*Log { l := open(t, Config{}); return [2]*Log{l, l} }(),
	} {
		t.Run(name, func(t *testing.T) {
			teller, bidder := logs[0], logs[1]
			got, other := listen(t, bidder, 7), listen(t, bidder, 8)
			// when two hints are told one incarnation, and one another
			first := event.Hint{Bid: event.NewBidID(7, 1), Kind: event.KindWin, Price: 123}
			second := event.Hint{Bid: event.NewBidID(7, 2), Kind: event.KindLoss, Price: event.NoPrice}
			for _, h := range []event.Hint{first, second} {
				if err := teller.Tell(7, event.AppendHint(nil, h)); err != nil {
					t.Fatal(err)
				}
			}
			if err := teller.Tell(8, []byte("for 8")); err != nil {
				t.Fatal(err)
			}
			if err := teller.Tell(9, []byte("for nobody")); err != nil {
				t.Fatal(err)
			}
			// then each gets its own, in order
			want := event.AppendHint(event.AppendHint(nil, first), second)
			eventually(t, 5*time.Second, "both hints arrive", func() bool { return bytes.Equal(got.all(), want) })
			eventually(t, 5*time.Second, "the other's arrives", func() bool { return string(other.all()) == "for 8" })
		})
	}
}

func TestWhoStoppedListeningHearsNothing(t *testing.T) {
	l := open(t, Config{})
	var heard []byte
	stop, err := l.Listen(1, func(m []byte) { heard = append(heard, m...) })
	if err != nil {
		t.Fatal(err)
	}
	stop()
	again := listen(t, l, 1)
	if err := l.Tell(1, []byte("x")); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "the second listener hears it", func() bool { return len(again.all()) == 1 })
	if len(heard) > 0 {
		t.Errorf("the first heard %q", heard)
	}
}

// Telling never waits for a server, and what was told meanwhile is gone.
func TestTellingWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	l := dial(t, s.config())
	got := listen(t, l, 1)
	s.stop()
	eventually(t, 10*time.Second, "the log notices", func() bool { return !l.Stats().Connected })
	start := time.Now()
	if err := l.Tell(1, []byte("lost")); err == nil {
		t.Error("telling a server that is away gave no error")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("telling took %v", took)
	}
	s.start(t)
	// The listener is there again without doing anything.
	n := 0
	eventually(t, 10*time.Second, "a hint arrives again", func() bool {
		n++
		l.Tell(1, fmt.Appendf(nil, "%d ", n))
		return len(got.all()) > 0
	})
	if bytes.Contains(got.all(), []byte("lost")) {
		t.Error("what was told while the server was away arrived")
	}
}

// listener collects what is told an incarnation.
type listener struct {
	mu   sync.Mutex
	data []byte
}

func listen(t *testing.T, l *Log, incarnation uint64) *listener {
	t.Helper()
	var c listener
	stop, err := l.Listen(incarnation, c.add)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return &c
}

func (c *listener) add(m []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.data = append(c.data, m...)
}

func (c *listener) all() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.data)
}

// What is published reaches whoever subscribes, the publisher too, and nobody
// of another installation on the same servers.
func TestPublishReachesEverySubscriber(t *testing.T) {
	remote := serve(t, server.Options{})
	other := remote.config()
	other.Stream = "other"
	ours := []*Log{dial(t, remote.config()), dial(t, remote.config())}
	all := append(ours, dial(t, other))
	got := make([]listener, len(all))
	for i, l := range all {
		stop, err := l.Subscribe("news", got[i].add)
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
	}
	big := bytes.Repeat([]byte("x"), 900*kib)
	if err := ours[0].Publish("news", big); err != nil {
		t.Fatal(err)
	}
	if err := all[2].Publish("news", []byte("theirs")); err != nil {
		t.Fatal(err)
	}
	for i := range ours {
		eventually(t, 5*time.Second, "ours hear ours", func() bool { return len(got[i].all()) == len(big) })
	}
	eventually(t, 5*time.Second, "theirs hear theirs", func() bool { return string(got[2].all()) == "theirs" })
}
