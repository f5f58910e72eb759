package natslog

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/tangent-dsp/tangent/event"
)

// Given a reader that handled some messages, and another of its name that was
// given the next and ended without a word, when more come, of which the first
// has the number of delivery that the reader waits for, then it begins again
// with those that nobody handled.
// Nor does it wait for ever where no more come.
func TestAnotherReaderTakesNothingAway(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	logs := []*Log{dial(t, s.config()), dial(t, s.config())}
	read := func(r *reader) (got []uint64) {
		t.Helper()
		msgs, err := r.next(t.Context())
		if err != nil {
			t.Log(err)
			return nil
		}
		for _, m := range msgs {
			b, err := event.DecodeBatch(m.Data())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, b.Events[0].Bid.Sequence())
		}
		if r.log == logs[0] {
			if err := msgs[len(msgs)-1].DoubleAck(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return got
	}
	appendEach := func(from, to uint64) {
		t.Helper()
		for _, seq := range seqs(from, to) {
			appendSeqs(t, logs[0], seq)
		}
	}
	reader, other := &reader{log: logs[0], name: "booking"}, &reader{log: logs[1], name: "booking"}
	appendEach(1, 4)
	if got := read(reader); !slices.Equal(got, seqs(1, 4)) {
		t.Fatalf("read %v, want 1 to 4", got)
	}
	appendEach(5, 8)
	if got := read(other); !slices.Equal(got, seqs(5, 8)) {
		t.Fatalf("the other read %v, want 5 to 8", got)
	}
	appendEach(9, 9)
	var got []uint64
	for !slices.Contains(got, 9) {
		got = append(got, read(reader)...)
	}
	if !slices.Equal(got, seqs(5, 9)) {
		t.Errorf("then it read %v, want 5 to 9", got)
	}
	appendEach(10, 10)
	for got := []uint64(nil); !slices.Contains(got, 10); {
		got = read(other)
	}
	for got = nil; len(got) == 0; {
		got = read(reader)
	}
	if !slices.Equal(got, seqs(10, 10)) {
		t.Errorf("after a silence it read %v, want 10", got)
	}
}

// An operator who deletes a message keeps nobody from reading on.
func TestMessagesThatAreGoneArePassed(t *testing.T) {
	l := open(t, Config{})
	for _, seq := range seqs(1, 9) {
		appendSeqs(t, l, seq)
	}
	for _, gone := range []uint64{1, 4, 5, 7} {
		if err := l.mustStream(t).DeleteMsg(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
	}
	var got []uint64
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := l.Consume(ctx, "booking", func(_ context.Context, b event.Batch) error {
		for _, e := range b.Events {
			if got = append(got, e.Bid.Sequence()); e.Bid.Sequence() == 9 {
				cancel()
			}
		}
		return nil
	})
	slices.Sort(got) // some may come twice
	if got = slices.Compact(got); err != nil || !slices.Equal(got, []uint64{2, 3, 6, 8, 9}) {
		t.Errorf("consumed %v: %v", got, err)
	}
}
