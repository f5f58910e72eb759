package eventtest

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLogDeliversInOrderUntilHandled(t *testing.T) {
	// given a log that failed once
	l, ctx := new(Log), t.Context()
	broken := errors.New("broken")
	l.Fail(broken)
	if err := l.Append(ctx, event.Event{}); !errors.Is(err, broken) {
		t.Errorf("append returned %v, want the injected error", err)
	}
	l.Fail(nil)
	for seq := range uint64(3) {
		if err := l.Append(ctx, event.Event{Kind: event.KindWin, Bid: event.NewBidID(1, seq+1)}); err != nil {
			t.Fatal(err)
		}
	}
	// when a consumer fails on the second batch, once
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	var got []uint64
	go func() {
		ended <- l.Consume(run, "reader", func(_ context.Context, b event.Batch) error {
			got = append(got, b.Events[0].Bid.Sequence())
			if b.Sequence == 2 && !b.Redelivered {
				return broken
			}
			return nil
		})
	}()
	if err := l.Drained(ctx, "reader"); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	// then it is delivered again before the third
	if len(got) != 4 || got[1] != 2 || got[2] != 2 || got[3] != 3 {
		t.Errorf("delivered %v, want 1 2 2 3", got)
	}
	if n, _ := l.Pending(ctx, "another"); n != 3 || len(l.Events()) != 3 {
		t.Errorf("%d batches are pending for another consumer, want 3", n)
	}
}
