package spool

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/natslog"
)

// switched is a log that can be away.
type switched struct {
	event.Log
	away atomic.Bool
}

func (s *switched) Append(ctx context.Context, events ...event.Event) error {
	if s.away.Load() {
		return errTest
	}
	return s.Log.Append(ctx, events...)
}

// Whatever is spooled, the real log takes in the parts in which it is replayed:
// small appends together, and the largest alone.
func TestRealLogTakesWhatIsReplayed(t *testing.T) {
	log, err := natslog.New(natslog.Config{Dir: t.TempDir(), Consumers: []string{"booking"}})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	primary := &switched{Log: log}
	primary.away.Store(true)
	s := open(t, Config{Primary: primary})
	const n = 1500
	for seq := uint64(1); seq <= n; seq++ {
		e := numbered(seq)
		switch seq % 500 {
		case 10:
			e.UserKey = make([]byte, maxRecord-300)
		case 20:
			e.UserKey = make([]byte, maxRecord/2)
		}
		if seq%500 == 30 {
			many := make([]event.Event, 0, 3000)
			for range cap(many) {
				many = append(many, e)
			}
			if err := s.Append(t.Context(), many...); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := s.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	primary.away.Store(false)
	drain(t, s)

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var got []uint64
	err = log.Consume(ctx, "booking", func(_ context.Context, b event.Batch) error {
		got = append(got, seqsOf(b.Events)...)
		if got[len(got)-1] == n {
			cancel()
		}
		return nil
	})
	if got = slices.Compact(got); err != nil || !slices.Equal(got, seqs(1, n)) {
		t.Errorf("the log has %d events (%v), want 1 to %d in order", len(got), err, n)
	}
}
