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

// Erased is what [Writer.Erase] found, counted in ids: those that it was given
// and those that were matched with them. An id is counted wherever something
// of it was.
type Erased struct {
	IDs       int // ids that were looked at
	Segments  int // of which segments were stored
	Exposures int // of which impressions, clicks or conversions were stored
	Matches   int // that were matched with others
	OptedOut  int // that are marked as opted out, from now on or from before
}

// Erase erases all that is stored of users, under these ids and all that are
// matched with them, and the matches. With optOut it marks all of them, so that
// nothing is stored or read again. Without it marks stay as they are, and what
// arrives later is stored again: consent, not this, decides about that. After
// an error some may be erased and some not; erasing again is right.
func (w *Writer) Erase(ctx context.Context, optOut bool, users ...UserKey) (Erased, error) {
	done, err := w.forget(ctx, users, optOut)
	if err != nil {
		return done, fmt.Errorf("cannot erase a user: %w", err)
	}
	w.metrics.erased.Inc()
	if optOut {
		w.metrics.optedOut.Inc()
	}
	return done, nil
}

// OptOut erases what is stored of users and keeps anything from being stored or
// read again, under these ids and all that are matched with them.
func (w *Writer) OptOut(ctx context.Context, users ...UserKey) error {
	if err := w.optOut(ctx, users...); err != nil {
		return fmt.Errorf("cannot keep an opt-out: %w", err)
	}
	return nil
}

// OptedOut says whether a user opted out under this id.
func (w *Writer) OptedOut(ctx context.Context, user UserKey) (bool, error) {
	identity := map[UserKey]string{}
	if err := w.identities(ctx, []UserKey{user}, identity); err != nil {
		w.metrics.failed.Inc()
		return false, fmt.Errorf("cannot look an opt-out up: %w", hideKeys(err))
	}
	return isOptedOut(identity[user]), nil
}

func (w *Writer) optOut(ctx context.Context, users ...UserKey) error {
	if _, err := w.forget(ctx, users, true); err != nil {
		return err
	}
	w.metrics.optedOut.Inc()
	return nil
}

// forget takes the group of each key out of Redis, our own id first: whoever
// adds to the group meanwhile finds it gone, or what it added is in the links
// that are read as they go.
func (w *Writer) forget(ctx context.Context, users []UserKey, optOut bool) (done Erased, err error) {
	if err := w.forgetAll(ctx, users, optOut, &done); err != nil {
		w.metrics.failed.Inc()
		return done, hideKeys(err)
	}
	return done, nil
}

func (w *Writer) forgetAll(ctx context.Context, users []UserKey, optOut bool, sum *Erased) error {
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
		links, err := w.forgetKey(ctx, canonical, optOut, sum)
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
		if _, err := w.forgetKey(ctx, alias, optOut, sum); err != nil {
			return err
		}
	}
	return nil
}

// forgetKey takes one key out of Redis and returns the links it had, as one
// step. Erasing leaves an opt-out in place.
func (w *Writer) forgetKey(ctx context.Context, user UserKey, optOut bool, sum *Erased) (links []link, err error) {
	key := identityKey(user)
	for range 5 {
		var was string
		var segments, exposures *redis.IntCmd
		err = w.client.Watch(ctx, func(tx *redis.Tx) (err error) {
			if was, err = tx.Get(ctx, key).Result(); err != nil && !errors.Is(err, redis.Nil) {
				return err
			}
			links = linksOf(was, time.Time{})
			_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
				segments, exposures = pipe.Del(ctx, segmentsKey(user)), pipe.Del(ctx, exposuresKey(user))
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
		if errors.Is(err, redis.TxFailedErr) {
			continue
		}
		if err == nil {
			sum.IDs++
			sum.Segments += int(segments.Val())
			sum.Exposures += int(exposures.Val())
			if optOut || isOptedOut(was) {
				sum.OptedOut++
			}
			if was != "" && !isOptedOut(was) {
				sum.Matches++
			}
		}
		return links, err
	}
	return nil, err
}
