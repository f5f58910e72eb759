package audience

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// putResult counts what put did.
type putResult struct {
	Users   int // whose segments were written
	TooMany int // left as they were: they would have more than MaxSegments

	OptedOut int // left out: users who opted out
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

// put merges changes into what is stored, under all ids that are matched with
// each other, in three or four round trips. Two calls at once for the same user
// may lose the changes of one of them. After an error some users may be
// written; writing all again is right.
func (w *Writer) put(ctx context.Context, batch *segmentBatch) (res putResult, err error) {
	if len(batch.users) == 0 {
		return res, nil
	}
	defer func() {
		if err != nil {
			w.metrics.failed.Inc()
			err = fmt.Errorf("cannot write segments: %w", hideKeys(err))
		}
	}()
	asked := batch
	batch, lives, err := w.expand(ctx, asked, &res)
	if err != nil {
		return res, err
	}
	if len(batch.users) == 0 {
		return res, nil
	}
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
	var check after
	for i := range batch.users {
		_, named := asked.index[batch.users[i].key]
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
			if named {
				res.TooMany++
			}
			continue
		case err != nil:
			return res, err
		case len(values) == at:
			pipe.Del(ctx, keys[i])
		default:
			ttl := time.Duration(latest-unixSeconds(now)) * time.Second
			if life := lives[batch.users[i].key]; life > 0 {
				ttl = min(ttl, life)
			}
			pipe.Set(ctx, keys[i], values[at:len(values):len(values)], ttl)
		}
		if named {
			res.Users++
		}
		check.keys = append(check.keys, batch.users[i].key)
	}
	if pipe.Len() == 0 {
		return res, nil
	}
	check.look(ctx, pipe)
	if _, err := pipe.Exec(ctx); err != nil {
		return res, err
	}
	if err := check.sweep(ctx, w); err != nil {
		return res, err
	}
	w.metrics.users.Add(float64(res.Users))
	return res, nil
}

// expand returns the batch with each user's changes under all ids that are
// matched with each other, and how long something may stand under those that a
// match ends for. Users who opted out are left out.
func (w *Writer) expand(ctx context.Context, batch *segmentBatch, res *putResult) (all *segmentBatch, lives map[UserKey]time.Duration, err error) {
	users := make([]UserKey, len(batch.users))
	for i := range batch.users {
		users[i] = batch.users[i].key
	}
	groups, err := w.groups(ctx, users)
	if err != nil {
		return nil, nil, err
	}
	plain := true
	for _, g := range groups {
		plain = plain && len(g.members) == 1
	}
	if plain {
		return batch, nil, nil
	}
	all, lives = newSegmentBatch(), map[UserKey]time.Duration{}
	for i := range batch.users {
		g := groups[batch.users[i].key]
		if g.optedOut {
			res.OptedOut++
		}
		for _, m := range g.members {
			u := all.user(m.key)
			u.changes = append(u.changes, batch.users[i].changes...)
			lives[m.key] = m.until
		}
	}
	return all, lives, nil
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
