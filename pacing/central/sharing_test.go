package central

import (
	"errors"
	"testing"
	"time"
)

// tally counts letters.
type tally struct{ own, all string }

func (c *tally) AppendCounts(dst []byte) []byte {
	dst = append(dst, c.own...)
	c.own = ""
	return dst
}

func (c *tally) AddCounts(b []byte) error {
	if string(b) == "bad" {
		return errors.New("bad")
	}
	c.all += string(b)
	return nil
}

func TestWhatOneObservesAllKnow(t *testing.T) {
	bus := new(Direct)
	var counters [3]tally
	var all [3]*Sharing
	for i := range all {
		s, err := NewSharing(SharingConfig{Counter: &counters[i], Bus: bus})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		all[i] = s
	}
	var told [][]byte
	stop, _ := bus.Subscribe(Counts, func(b []byte) { told = append(told, append([]byte(nil), b...)) })
	defer stop()
	step := func(i int, at time.Duration, observed string) {
		counters[i].own += observed
		if err := all[i].Step(midnight.Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	step(0, 0, "a")
	step(0, time.Second, "b") // waits
	step(1, time.Second, "c")
	step(2, time.Second, "") // says nothing
	step(0, 5*time.Second, "d")
	if len(told) != 3 {
		t.Fatalf("%d messages were sent, want 3", len(told))
	}
	for i, want := range []string{"c", "abd", "acbd"} {
		if got := counters[i].all; got != want {
			t.Errorf("bidder %d was told %q, want %q", i, got, want)
		}
	}
	// Again, out of order, and garbled: nothing is counted.
	for _, b := range [][]byte{told[2], told[0], told[0][:10], append([]byte("x"), told[1]...), nil} {
		bus.Publish(Counts, b)
	}
	step(1, 10*time.Second, "bad")
	if counters[2].all != "acbd" {
		t.Errorf("bidder 2 was told %q", counters[2].all)
	}
	if n := value(t, all[2].refused); n != 4 {
		t.Errorf("%v messages were refused, want 4", n)
	}
}
