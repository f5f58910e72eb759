package pacing

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/clock"
)

// notebook is a Memory of one page.
type notebook struct {
	page  []byte
	at    time.Time
	keeps int
	clock clock.Clock
	err   error
	block chan struct{} // closed when writing may go on
}

func (n *notebook) Recall(context.Context, string) ([]byte, time.Time, error) {
	return n.page, n.at, n.err
}

func (n *notebook) Keep(_ context.Context, _ string, page []byte) error {
	if n.block != nil {
		<-n.block
	}
	n.page, n.at, n.keeps = page, n.clock.Now(), n.keeps+1
	return n.err
}

// counting is a controller that learns how often it stepped.
type counting struct{ steps int }

func (c *counting) Plan([]LineItem)                   {}
func (c *counting) Step(time.Time, Sums) *Multipliers { c.steps++; return nil }
func (c *counting) Memory() ([]byte, error)           { return strconv.AppendInt(nil, int64(c.steps), 10), nil }
func (c *counting) Remember(memory []byte, at, now time.Time) (err error) {
	if now.Sub(at) <= time.Hour {
		c.steps, err = strconv.Atoi(string(memory))
	}
	return err
}

func TestWhatWasLearnedIsKept(t *testing.T) {
	c := clock.NewManual(noon)
	book := &notebook{clock: c}
	start := func() (*Kept, *counting, *error) {
		inner, failed := new(counting), new(error)
		k, err := NewKept(t.Context(), KeptConfig{Controller: inner, Memory: book, Name: "x", Clock: c, Failed: func(err error) { *failed = err }})
		if err != nil {
			t.Fatal(err)
		}
		k.Plan(nil)
		return k, inner, failed
	}
	// given a controller that stepped for two minutes and a half
	k, _, failed := start()
	for range 150 {
		c.Advance(time.Second)
		k.Step(c.Now(), Sums{})
		k.done.Wait()
	}
	if book.keeps != 2 || string(book.page) != "120" {
		t.Errorf("%q was kept after %d times, want 120 after 2", book.page, book.keeps)
	}
	// when it stops and another starts, then that one goes on
	k.Close(t.Context())
	if _, inner, _ := start(); inner.steps != 150 {
		t.Errorf("the next one knows of %d steps, want 150", inner.steps)
	}
	// but from what is too old it does not
	c.Advance(2 * time.Hour)
	if _, inner, _ := start(); inner.steps != 0 {
		t.Errorf("the next day's knows of %d steps", inner.steps)
	}
	if *failed != nil {
		t.Error(*failed)
	}
	// and where there is no memory, it starts cold and says so
	book.err = errors.New("away")
	k, inner, failed := start()
	k.Close(t.Context())
	c.Advance(time.Minute)
	k.Step(c.Now(), Sums{})
	k.done.Wait()
	if inner.steps != 1 || *failed == nil {
		t.Errorf("%d steps, failed with %v", inner.steps, *failed)
	}
}

// A database that is slow delays no step, and is not asked twice at a time.
func TestKeepingDelaysNothing(t *testing.T) {
	c := clock.NewManual(noon)
	book := &notebook{clock: c, block: make(chan struct{})}
	k, err := NewKept(t.Context(), KeptConfig{Controller: new(counting), Memory: book, Name: "x", Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		c.Advance(time.Minute)
		k.Step(c.Now(), Sums{})
	}
	close(book.block)
	k.Close(t.Context())
	if book.keeps > 2 {
		t.Errorf("kept %d times", book.keeps)
	}
}
