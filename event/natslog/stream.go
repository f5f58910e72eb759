package natslog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A message id is remembered this long: longer than all attempts to publish a
// message may take.
const idWindow = time.Minute

// streamConfig is how a stream must be for money.
func (s settings) streamConfig(replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:       s.stream,
		Subjects:   []string{s.subject},
		Retention:  jetstream.LimitsPolicy,
		Storage:    jetstream.FileStorage,
		Discard:    jetstream.DiscardNew, // refuse rather than lose; trim.go makes room
		MaxBytes:   s.maxBytes,
		MaxMsgs:    -1,
		Duplicates: idWindow,
		Replicas:   replicas,
	}
}

// openOwnStream creates the stream of the server in this process, or brings it
// to the configuration.
func openOwnStream(ctx context.Context, js jetstream.JetStream, s settings) (jetstream.Stream, error) {
	// The server would remove the oldest events, handled or not, to bring a
	// stream below a limit that was lowered.
	stream, err := js.Stream(ctx, s.stream)
	switch {
	case err == nil:
		if size := stream.CachedInfo().State.Bytes; size > uint64(s.maxBytes) {
			return nil, fmt.Errorf("it holds %d bytes already, and the most to keep is set to %d", size, s.maxBytes)
		}
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, err
	}
	return js.CreateOrUpdateStream(ctx, s.streamConfig(1))
}

// openSharedStream creates the stream of a remote server, or takes the one
// that is there as it is, if it keeps what money needs. It changes none: many
// processes share it, and its limits are its operator's.
func openSharedStream(ctx context.Context, js jetstream.JetStream, s settings, replicas int) (jetstream.Stream, error) {
	stream, err := js.Stream(ctx, s.stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = js.CreateStream(ctx, s.streamConfig(replicas))
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another was faster, with other limits
			stream, err = js.Stream(ctx, s.stream)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("stream %q: %w", s.stream, err)
	}
	if err := checkStream(stream.CachedInfo().Config, s, replicas); err != nil {
		return nil, fmt.Errorf("stream %q is %w: %w", s.stream, errUnfit, err)
	}
	return stream, nil
}

// checkStream says everything that would let a stream forget, or take for
// kept, what was not booked.
func checkStream(c jetstream.StreamConfig, s settings, replicas int) error {
	var errs []error
	want := func(ok bool, format string, v ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, v...))
		}
	}
	want(slices.Contains(c.Subjects, s.subject), "its subjects are %q, want %q among them", c.Subjects, s.subject)
	want(c.Storage == jetstream.FileStorage, "its storage is %v, want file", c.Storage)
	want(c.Replicas >= replicas, "it has %d replicas, want at least %d", c.Replicas, replicas)
	want(c.PersistMode == jetstream.DefaultPersistMode, "its persist mode is %v, want default", c.PersistMode)
	want(c.Retention == jetstream.LimitsPolicy, "its retention is %v, want limits", c.Retention)
	want(c.Discard == jetstream.DiscardNew, "it discards old messages when it is full, want new")
	want(c.MaxAge == 0, "it forgets after %v, want never", c.MaxAge)
	want(c.MaxMsgsPerSubject <= 0, "it keeps %d messages per subject, want no such limit", c.MaxMsgsPerSubject)
	want(c.MaxMsgSize <= 0 || c.MaxMsgSize >= mib, "it takes messages of %d bytes, want %d", c.MaxMsgSize, mib)
	want(c.Duplicates >= idWindow, "its duplicate window is %v, want at least %v", c.Duplicates, idWindow)
	want(!c.NoAck, "it does not acknowledge")
	return errors.Join(errs...)
}

// openConsumer creates or finds the durable consumer of a name. It begins at
// the oldest event. Events are handled in order and one at a time, so that
// acknowledging one acknowledges all before it.
func openConsumer(ctx context.Context, stream jetstream.Stream, name string) (jetstream.Consumer, error) {
	return stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:       name,
		DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy:     jetstream.AckAllPolicy,
		// Nobody else reads under this name, so a timeout must not deliver
		// again behind the back of a slow handler, out of order. What a
		// killed process left is delivered again by a reset, see consume.go.
		AckWait:       365 * 24 * time.Hour,
		MaxDeliver:    -1,
		MaxAckPending: 4 * fetchMost,
	})
}
