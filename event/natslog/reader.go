package natslog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tangent-dsp/tangent/event"
)

const (
	// fetchMost is how many messages are asked for at once, if those before
	// were small: about fetchBytes in all, and fetchLeast in any case. At low
	// rates a message holds one event, and what a spool replays holds a
	// thousand; handling the small ones together lets a consumer that fell
	// behind catch up, whatever one request costs.
	fetchMost, fetchLeast = 1000, 32
	fetchBytes            = 16 * mib

	// mergeEvents is how many events may be gathered from several messages.
	mergeEvents = 3000

	// fetchWait is how long one request for messages stays open. Silence
	// costs one request per fetchWait.
	fetchWait = 10 * time.Second
)

// reader reads messages from where its consumer was, in order and without a
// gap. Acknowledging one message acknowledges all before it, so a message that
// got lost between server and us would pass for handled: the consumer numbers
// its deliveries, and the reader counts along. It counts messages, too, since
// another reader of the name, who is there for a moment, has the deliveries
// numbered anew. After an error it begins again behind the last acknowledged
// message.
type reader struct {
	log      *Log
	name     string
	consumer jetstream.Consumer // nil: open it first
	last     uint64             // number of the last delivery
	message  uint64             // number of the last message; 0 before the first, which may be any
	gap      error              // found behind what next returned last
	looked   time.Time          // when the server last showed that it counts acknowledgements
	size     int                // of a message, as those of late were
	failures int                // in a row
}

// next waits for messages and returns what is there, at least one.
func (r *reader) next(ctx context.Context) ([]jetstream.Msg, error) {
	if err := r.gap; err != nil {
		r.gap = nil
		return nil, r.begin(err)
	}
	msgs, err := r.fetch(ctx)
	if err != nil {
		return nil, r.begin(err)
	}
	r.failures = 0
	return msgs, nil
}

// begin has the reader begin again after an error, which it returns.
func (r *reader) begin(err error) error {
	r.consumer = nil
	r.failures++
	return err
}

// ack acknowledges a message and all before it. If it does not arrive, they are
// delivered again when the log is next read from where it was. Once per fetchWait
// it asks whether the server counted it: where another reader of the name was
// late to acknowledge a delivery with a higher number, the server takes those with
// lower ones for done.
func (r *reader) ack(ctx context.Context, m jetstream.Msg) error {
	if time.Since(r.looked) < fetchWait || ctx.Err() != nil { // the last word of who ends is not to wait
		return m.Ack()
	}
	ctx, cancel := context.WithTimeout(ctx, r.log.config.ackTimeout)
	defer cancel()
	if err := m.DoubleAck(ctx); err != nil {
		return err
	}
	info, err := r.consumer.Info(ctx)
	if err != nil {
		return err
	}
	meta, err := m.Metadata()
	if err != nil {
		return err
	}
	if floor := info.AckFloor.Stream; floor < meta.Sequence.Stream {
		return fmt.Errorf("message %d was acknowledged, and the server counts only up to %d", meta.Sequence.Stream, floor)
	}
	r.looked = time.Now()
	return nil
}

// most is how many messages to ask for.
func (r *reader) most() int {
	return min(max(fetchBytes/max(r.size, 1), fetchLeast), fetchMost)
}

// open lets the server deliver again what it delivered to an earlier reader
// that did not acknowledge it.
func (r *reader) open(ctx context.Context) error {
	stream, err := r.log.openStream()
	if err != nil {
		return err
	}
	// A cluster that is electing a leader does not answer at all: what is asked
	// then has to be asked again. One that is only busy answers late: if asking
	// again does not help, wait longer.
	patience := 1 + min(max(r.failures-5, 0), 4)
	ctx, cancel := context.WithTimeout(ctx, time.Duration(patience)*r.log.config.ackTimeout)
	defer cancel()
	c, err := openConsumer(ctx, stream, r.name)
	if err != nil {
		return err
	}
	if _, err := r.log.js.ResetConsumer(ctx, r.log.config.stream, r.name); err != nil {
		return err
	}
	// Deliveries are numbered from 1 then. Not from what the answer says was
	// delivered: another reader may have been given that meanwhile.
	r.consumer, r.last, r.message, r.looked = c, 0, 0, time.Now()
	return nil
}

func (r *reader) fetch(ctx context.Context) (msgs []jetstream.Msg, err error) {
	if r.consumer == nil {
		if err := r.open(ctx); err != nil {
			return nil, err
		}
	}
	for len(msgs) == 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		got, err := r.consumer.FetchNoWait(r.most())
		if err != nil {
			return nil, err
		}
		if msgs, err = r.gather(got); err != nil || len(msgs) > 0 {
			return msgs, err
		}
		wait, cancel := context.WithTimeout(ctx, fetchWait)
		forget := context.AfterFunc(r.log.opening.Load().ctx, cancel) // the request is forgotten with the files
		opts := []jetstream.FetchOpt{jetstream.FetchContext(wait)}
		if hb := r.log.config.idleHeartbeat; hb > 0 {
			opts = append(opts, jetstream.FetchHeartbeat(hb))
		}
		got, err = r.consumer.Fetch(1, opts...)
		if err == nil {
			msgs, err = r.gather(got)
		}
		forget()
		cancel()
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			err = nil
			if len(msgs) == 0 {
				err = r.alone(ctx)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return msgs, nil
}

// alone returns an error where the server waits for acknowledgements after a
// silence. This reader owes none: another of the name was given messages, and
// may have ended.
func (r *reader) alone(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.log.config.ackTimeout)
	defer cancel()
	info, err := r.consumer.Info(ctx)
	if err == nil && info.NumAckPending > 0 {
		return fmt.Errorf("another reader was given %d messages", info.NumAckPending)
	}
	return nil // who does not answer does not deliver either
}

// gather returns what was got, up to a gap. Between messages there is one where
// another reader has those between them, or where they were deleted: what the
// reader begins with anew is then the first that is left.
func (r *reader) gather(got jetstream.MessageBatch) (msgs []jetstream.Msg, err error) {
	for m := range got.Messages() {
		if err != nil {
			continue
		}
		meta, metaErr := m.Metadata()
		switch {
		case metaErr != nil:
			err = metaErr
		case meta.Sequence.Consumer != r.last+1:
			err = fmt.Errorf("delivery %d followed %d", meta.Sequence.Consumer, r.last)
		case r.message != 0 && meta.Sequence.Stream != r.message+1:
			err = fmt.Errorf("message %d followed %d", meta.Sequence.Stream, r.message)
		default:
			r.last, r.message = meta.Sequence.Consumer, meta.Sequence.Stream
			r.size += (len(m.Data()) - r.size) / 8
			msgs = append(msgs, m)
		}
	}
	if err != nil && len(msgs) > 0 {
		r.gap, err = err, nil
	}
	if err == nil {
		err = got.Error()
	}
	if err != nil {
		return nil, err
	}
	return msgs, nil
}

// merge decodes the first n messages into one batch. At low rates several
// bidders' messages of one event each alternate: a consumer that handles them
// one by one does not catch up.
func merge(msgs []jetstream.Msg) (b event.Batch, n int, err error) {
	for n < len(msgs) {
		meta, err := msgs[n].Metadata()
		if err != nil {
			return b, n, err
		}
		next, err := event.DecodeBatch(msgs[n].Data())
		if err != nil {
			return b, n, fmt.Errorf("message %d: %w", meta.Sequence.Stream, err)
		}
		switch {
		case n == 0:
			b = next
		case len(next.Unknown) > 0, len(b.Unknown) > 0,
			len(b.Events)+len(next.Events) > mergeEvents:
			return b, n, nil
		default:
			if next.Producer != b.Producer || next.First != b.First+uint64(len(b.Events)) {
				b.Producer, b.First = 0, 0
			}
			b.Events = append(b.Events, next.Events...)
		}
		b.Sequence = meta.Sequence.Stream
		n++
	}
	return b, n, nil
}
