package app

import (
	"context"
	"errors"
	"testing"
	"time"
)

// progress is a ledger that is told of spools.
type progress struct {
	booked, unlogged time.Time // unlogged is zero while everything is logged
	away             bool
}

var errAway = errors.New("away")

func (p *progress) SetUnlogged(_ context.Context, _ string, since time.Time) error {
	if p.away {
		return errAway
	}
	if p.unlogged.IsZero() || since.Before(p.unlogged) {
		p.unlogged = since
	}
	return nil
}

func (p *progress) SetLogged(context.Context, string) error {
	if p.away {
		return errAway
	}
	p.unlogged = time.Time{}
	return nil
}

func (p *progress) Booked(context.Context) (time.Time, error) {
	if p.away {
		return time.Time{}, errAway
	}
	return p.booked, nil
}

// The log goes away with the ledger, both come back, and the spool empties:
// what the ledger is told never says less than what is unlogged or unbooked.
func TestUnloggedIsSaidUntilItIsBooked(t *testing.T) {
	start := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	at := func(second int) time.Time { return start.Add(time.Duration(second) * time.Second) }
	const nothing = 0
	p := &progress{unlogged: at(-100)} // an earlier start died saying so
	u := newUnlogged(p, "a", 2*time.Second, start, false)
	for i, c := range []struct {
		second  int
		waiting bool
		away    bool
		booked  int // second
		want    int // since when the ledger believes that events wait
	}{
		{1, false, false, -10, -100}, // what the earlier start kept may not be booked
		{2, false, false, 1, -100},   // booked up to the moment, not beyond it
		{3, false, false, 2, nothing},
		{4, true, true, 3, nothing}, // nobody can be told
		{5, true, false, 3, 1},
		{6, true, false, 3, 1},
		{7, false, false, 6, 1}, // in the log, not booked
		{8, true, false, 6, 1},  // and again
		{9, false, false, 8, 1},
		{10, false, true, 8, 1},
		{11, false, false, 10, nothing},
		{12, true, false, 10, 9},
	} {
		p.away, p.booked = c.away, at(c.booked)
		if err := u.step(t.Context(), at(c.second), c.waiting); (err != nil) != (c.away) {
			t.Errorf("step %d: %v", i, err)
		}
		want := at(c.want)
		if c.want == nothing {
			want = time.Time{}
		}
		if !p.unlogged.Equal(want) {
			t.Errorf("step %d: the ledger believes in events since %v, want %v", i, p.unlogged, want)
		}
	}
}

// A start that finds events of an earlier one in its spool cannot know how old
// they are: nothing ages until they are booked.
func TestWhatAnEarlierStartSpooledIsOfAnyAge(t *testing.T) {
	start := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	p := &progress{booked: start}
	u := newUnlogged(p, "a", 2*time.Second, start, true)
	for second, waiting := range []bool{true, true, false} {
		if err := u.step(t.Context(), start.Add(time.Duration(second)*time.Second), waiting); err != nil {
			t.Fatal(err)
		}
		if p.unlogged.IsZero() || p.unlogged.After(time.Unix(0, 0)) {
			t.Errorf("second %d: the ledger believes in events since %v", second, p.unlogged)
		}
	}
	p.booked = start.Add(3 * time.Second)
	if err := u.step(t.Context(), start.Add(4*time.Second), false); err != nil || !p.unlogged.IsZero() {
		t.Errorf("all is booked, and the ledger believes in events since %v, %v", p.unlogged, err)
	}
}
