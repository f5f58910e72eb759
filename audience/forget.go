package audience

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// OptOutLife is how long an opt-out is kept, from when it was last told.
const OptOutLife = 400 * 24 * time.Hour

// Delete erases all that is stored of a user, under this id and all that are
// matched with it, and the matches. An opt-out stays: it is what keeps the user
// from being stored again. What arrives later is stored again: consent, not
// this, decides about that.
func (w *Writer) Delete(ctx context.Context, user UserKey) error {
	if err := w.forget(ctx, []UserKey{user}, false); err != nil {
		return fmt.Errorf("cannot erase a user: %w", err)
	}
	w.metrics.erased.Inc()
	return nil
}

// OptOut erases what is stored of users and keeps anything from being stored or
// read again, under these ids and all that are matched with them.
func (w *Writer) OptOut(ctx context.Context, users ...UserKey) error {
	if err := w.optOut(ctx, users...); err != nil {
		return fmt.Errorf("cannot keep an opt-out: %w", err)
	}
	return nil
}

func (w *Writer) optOut(ctx context.Context, users ...UserKey) error {
	if err := w.forget(ctx, users, true); err != nil {
		return err
	}
	w.metrics.optedOut.Inc()
	return nil
}

// forget takes the group of each key out of Redis, our own id first: whoever
// adds to the group meanwhile finds it gone, or what it added is in the links
// that are read as they go.
func (w *Writer) forget(ctx context.Context, users []UserKey, optOut bool) error {
	err := w.forgetAll(ctx, users, optOut)
	if err != nil {
		w.metrics.failed.Inc()
		return hideKeys(err)
	}
	return nil
}

func (w *Writer) forgetAll(ctx context.Context, users []UserKey, optOut bool) error {
	own := map[UserKey]string{}
	if err := w.identities(ctx, users, own); err != nil {
		return err
	}
	done := map[UserKey]bool{}
	var next []UserKey // their aliases
	for _, user := range users {
		canonical := user
		if c, ok := aliasOf(own[user]); ok {
			canonical = c
			next = append(next, user)
		}
		if done[canonical] {
			continue
		}
		done[canonical] = true
		links, err := w.forgetKey(ctx, canonical, optOut)
		if err != nil {
			return err
		}
		for _, l := range links {
			next = append(next, l.key)
		}
	}
	for _, alias := range next {
		if done[alias] {
			continue
		}
		done[alias] = true
		if _, err := w.forgetKey(ctx, alias, optOut); err != nil {
			return err
		}
	}
	return nil
}

// forgetKey takes one key out of Redis and returns the links it had, as one
// step. Erasing leaves an opt-out in place.
func (w *Writer) forgetKey(ctx context.Context, user UserKey, optOut bool) (links []link, err error) {
	key := identityKey(user)
	for range 5 {
		err = w.client.Watch(ctx, func(tx *redis.Tx) error {
			was, err := tx.Get(ctx, key).Result()
			if err != nil && !errors.Is(err, redis.Nil) {
				return err
			}
			links = linksOf(was, time.Time{})
			_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
				pipe.Del(ctx, segmentsKey(user), exposuresKey(user))
				switch {
				case optOut:
					pipe.Set(ctx, key, string(rune(identityOptedOut)), OptOutLife)
				case !isOptedOut(was):
					pipe.Del(ctx, key)
				}
				return nil
			})
			return err
		}, key)
		if !errors.Is(err, redis.TxFailedErr) {
			return links, err
		}
	}
	return nil, err
}
