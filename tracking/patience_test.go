package tracking

import (
	"context"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// stuck never answers.
type stuck struct{}

func (stuck) Append(ctx context.Context, _ ...event.Event) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestNoticesWaitForTheLogSoLong(t *testing.T) {
	// given a log that is stuck
	const wait = 40 * time.Millisecond
	s := newStage(t, func(c *Config) { c.Log, c.AppendTimeout, c.ClickTimeout = stuck{}, 2*wait, wait })
	for i := range 3 { // those that come while others wait, too
		began := time.Now()
		s.want(302, "/n/click/"+s.seal(openrtb.ForClick, token(1)))
		if took := time.Since(began); took < wait {
			t.Errorf("click %d waited %v, want %v at least", i, took, wait)
		}
	}
	began := time.Now()
	s.want(503, "/n/bill/"+s.seal(openrtb.ForBilling, token(1)))
	if took := time.Since(began); took < 2*wait {
		t.Errorf("the notice waited %v, want %v at least", took, 2*wait)
	}
}

func TestPatienceIsSharedForAWhile(t *testing.T) {
	p := patience{wait: time.Minute}
	now := time.Now()
	first := p.context(now)
	if p.context(now.Add(7*time.Second)) != first {
		t.Error("a notice 7 s later got a context of its own")
	}
	later := p.context(now.Add(8 * time.Second))
	if later == first {
		t.Error("a notice 8 s later shares a context that may end before a minute is over")
	}
	end, ok := first.Deadline()
	if left := end.Sub(now.Add(7 * time.Second)); !ok || left < time.Minute {
		t.Errorf("the last to share it waits %v, want a minute at least", left)
	}
}
