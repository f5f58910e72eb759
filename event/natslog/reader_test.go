package natslog

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tangent-dsp/tangent/event"
)

// readBy has a reader read once. It fails the test after a minute: the reader
// waits for as long as its context lasts.
func readBy(t *testing.T, r *reader) (msgs []jetstream.Msg, got []uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	msgs, err := r.next(ctx)
	if ctx.Err() != nil {
		t.Fatalf("nothing to read: %v", err)
	}
	if err != nil {
		t.Log(err)
	}
	for _, m := range msgs {
		b, err := event.DecodeBatch(m.Data())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, b.Events[0].Bid.Sequence())
	}
	return msgs, got
}

func appendEach(t *testing.T, l *Log, from, to uint64) {
	t.Helper()
	for _, seq := range seqs(from, to) {
		appendSeqs(t, l, seq)
	}
}

// Given a reader that handled some messages, and another of its name that was
// given the next and ended without a word, when more come, of which the first
// has the number of delivery that the reader waits for, then it begins again
// with those that nobody handled.
// Nor does it wait for ever where no more come.
func TestAnotherReaderTakesNothingAway(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	logs := []*Log{dial(t, s.config()), dial(t, s.config())}
	read := func(r *reader) []uint64 {
		t.Helper()
		msgs, got := readBy(t, r)
		if r.log == logs[0] && len(msgs) > 0 {
			if err := msgs[len(msgs)-1].DoubleAck(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return got
	}
	reader, other := &reader{log: logs[0], name: "booking"}, &reader{log: logs[1], name: "booking"}
	appendEach(t, logs[0], 1, 4)
	if got := read(reader); !slices.Equal(got, seqs(1, 4)) {
		t.Fatalf("read %v, want 1 to 4", got)
	}
	appendEach(t, logs[0], 5, 8)
	if got := read(other); !slices.Equal(got, seqs(5, 8)) {
		t.Fatalf("the other read %v, want 5 to 8", got)
	}
	appendEach(t, logs[0], 9, 9)
	var got []uint64
	for !slices.Contains(got, 9) {
		got = append(got, read(reader)...)
	}
	if !slices.Equal(got, seqs(5, 9)) {
		t.Errorf("then it read %v, want 5 to 9", got)
	}
	appendEach(t, logs[0], 10, 10)
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

// Given a reader that was late to acknowledge, after another had the deliveries
// numbered anew, when the other acknowledges deliveries with lower numbers, then
// it finds out that the server does not count that, and has the rest counted.
func TestAcknowledgementsThatDoNotCountAreFound(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	logs := []*Log{dial(t, s.config()), dial(t, s.config())}
	late, next := &reader{log: logs[0], name: "booking"}, &reader{log: logs[1], name: "booking"}
	last := func(r *reader, want ...uint64) jetstream.Msg {
		t.Helper()
		msgs, got := readBy(t, r)
		if !slices.Equal(got, want) {
			t.Fatalf("read %v, want %v", got, want)
		}
		return msgs[len(msgs)-1]
	}
	ack := func(r *reader, m jetstream.Msg) error {
		r.looked = time.Time{}
		return r.ack(t.Context(), m)
	}
	appendEach(t, logs[0], 1, 4)
	if err := ack(late, last(late, 1, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	appendEach(t, logs[0], 5, 8)
	held := last(late, 5, 6, 7, 8)
	taken := last(next, 5, 6, 7, 8)
	if err := errors.Join(ack(late, held), ack(next, taken)); err != nil {
		t.Errorf("what both handled: %v", err)
	}
	appendEach(t, logs[0], 9, 10)
	void := last(next, 9, 10)
	if err := ack(next, void); err == nil {
		t.Error("it takes for counted what is not")
	}
	wantPending(t, logs[1], "booking", 2)
	next.consumer = nil // as Consume has it after an error
	if err := ack(next, last(next, 9, 10)); err != nil {
		t.Error(err)
	}
	wantPending(t, logs[1], "booking", 0)
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
