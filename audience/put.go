package audience

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// SegmentsWrite is a change to the segments of one user.
type SegmentsWrite struct {
	Key UserKey
	// Changes replace what is stored for their segments; other segments stay.
	// A past expiry takes the user out of the segment.
	Changes []Membership
}

// PutResult counts what PutSegments did.
type PutResult struct {
	Users   int // whose segments were written
	TooMany int // left as they were: they would have more than MaxSegments
}

// PutSegments merges changes into what is stored, in two round trips. A user
// may be in writes several times. Two calls at once for the same user may
// lose the changes of one of them: let one importer run at a time. After an
// error some users may be written; writing all again is right.
func (w *Writer) PutSegments(ctx context.Context, writes []SegmentsWrite) (PutResult, error) {
	batch := newSegmentBatch()
	for i := range writes {
		u := batch.user(writes[i].Key)
		for _, m := range writes[i].Changes {
			u.changes = append(u.changes, member{m.Segment, unixSeconds(m.Expiry)})
		}
	}
	return w.put(ctx, batch)
}

// segmentBatch is changes gathered by user, so that a user is read and
// written once. It is used again after reset.
type segmentBatch struct {
	users []segmentChanges
	index map[UserKey]int
	rows  int // counted by the import
}

type segmentChanges struct {
	key     UserKey
	changes []member
}

func newSegmentBatch() *segmentBatch { return &segmentBatch{index: make(map[UserKey]int)} }

// user returns the user's changes so far. The pointer holds until the next
// call.
func (b *segmentBatch) user(key UserKey) *segmentChanges {
	at, ok := b.index[key]
	if !ok {
		at = len(b.users)
		b.index[key] = at
		if at < cap(b.users) {
			b.users = b.users[:at+1] // with the memory of its changes
			b.users[at].key, b.users[at].changes = key, b.users[at].changes[:0]
		} else {
			b.users = append(b.users, segmentChanges{key: key})
		}
	}
	return &b.users[at]
}

func (b *segmentBatch) reset() {
	b.users = b.users[:0]
	clear(b.index)
	b.rows = 0
}

func (w *Writer) put(ctx context.Context, batch *segmentBatch) (res PutResult, err error) {
	if len(batch.users) == 0 {
		return res, nil
	}
	defer func() {
		if err != nil {
			w.metrics.failed.Inc()
			err = fmt.Errorf("cannot write segments: %w", hideKeys(err))
		}
	}()
	pipe := w.client.Pipeline()
	keys := make([]string, len(batch.users))
	stored := make([]*redis.StringCmd, len(batch.users))
	for i := range batch.users {
		keys[i] = string(appendSegmentsKey(nil, &batch.users[i].key))
		stored[i] = pipe.Get(ctx, keys[i])
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return res, err
	}
	now := w.clock.Now()
	var values []byte
	for i := range batch.users {
		if err := stored[i].Err(); err != nil && !errors.Is(err, redis.Nil) {
			return res, err
		}
		at := len(values)
		var latest uint32
		values, latest, err = mergeSegments(values, stored[i].Val(), batch.users[i].changes, now)
		if err == errCorrupt {
			w.metrics.damaged.Inc()
			values, latest, err = mergeSegments(values, "", batch.users[i].changes, now)
		}
		switch {
		case err == errTooMany:
			res.TooMany++
			continue
		case err != nil:
			return res, err
		case len(values) == at:
			pipe.Del(ctx, keys[i])
		default:
			ttl := time.Duration(latest-unixSeconds(now)) * time.Second
			pipe.Set(ctx, keys[i], values[at:len(values):len(values)], ttl)
		}
		res.Users++
	}
	if pipe.Len() == 0 {
		return res, nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return res, err
	}
	w.metrics.users.Add(float64(res.Users))
	return res, nil
}

// hideKeys keeps Redis's own errors, which may quote a command and so a key,
// out of ours.
func hideKeys(err error) error {
	var reply redis.Error
	if errors.As(err, &reply) {
		return errors.New("redis refused a command")
	}
	return err
}
