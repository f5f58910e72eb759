package audience

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// group are the keys under which a user is stored.
type group struct {
	optedOut bool
	members  []place
}

type place struct {
	key UserKey
	// until is how long the key may stand for the user: a match's life. 0 is
	// for as long as there is something to store.
	until time.Duration
}

// groups finds the keys under which each user is stored, in one round trip, or
// two when there are matches. keys that stand for the same user get the same
// members.
func (w *Writer) groups(ctx context.Context, keys []UserKey) (map[UserKey]group, error) {
	own := make(map[UserKey]string, len(keys)) // identities
	if err := w.identities(ctx, keys, own); err != nil {
		return nil, err
	}
	var canonical []UserKey
	for _, identity := range own {
		if c, ok := aliasOf(identity); ok {
			if _, have := own[c]; !have {
				canonical = append(canonical, c)
			}
		}
	}
	if err := w.identities(ctx, canonical, own); err != nil {
		return nil, err
	}
	now := w.clock.Now()
	found := make(map[UserKey]group, len(keys))
	for _, key := range keys {
		if _, done := found[key]; done {
			continue
		}
		found[key] = groupOf(key, own, now)
	}
	return found, nil
}

// groupOf returns the group of a key whose identity, and that of the key it is
// an alias of, are known.
func groupOf(key UserKey, identities map[UserKey]string, now time.Time) group {
	if isOptedOut(identities[key]) {
		return group{optedOut: true}
	}
	g := group{members: []place{{key: key}}}
	canonical := key
	if c, ok := aliasOf(identities[key]); ok {
		canonical = c
		if isOptedOut(identities[c]) {
			return group{optedOut: true}
		}
	}
	links := linksOf(identities[canonical], now)
	if canonical != key {
		linked := false
		for i := range links {
			linked = linked || links[i].key == key
		}
		if !linked { // the match moved or ended meanwhile
			return g
		}
		g.members = append(g.members[:0], place{key: canonical})
	}
	for i := range links {
		left := time.Duration(links[i].expiry-unixSeconds(now)) * time.Second
		g.members = append(g.members, place{links[i].key, left})
	}
	return g
}

// identities adds the identities of keys to a map.
func (w *Writer) identities(ctx context.Context, keys []UserKey, to map[UserKey]string) error {
	if len(keys) == 0 {
		return nil
	}
	pipe := w.client.Pipeline()
	cmds := make(map[UserKey]*redis.StringCmd, len(keys))
	for _, key := range keys {
		if cmds[key] == nil {
			cmds[key] = pipe.Get(ctx, identityKey(key))
		}
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	for key, cmd := range cmds {
		if err := cmd.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		to[key] = cmd.Val()
	}
	return nil
}

// ttl is how long something may be stored under a member's key.
func (m *place) ttl(d time.Duration) time.Duration {
	if m.until > 0 {
		return min(d, m.until)
	}
	return d
}

// after looks, behind writes in the same pipeline, whether a key opted out
// while they were under way. What was written then is taken back by sweep: an
// opt-out that comes later still deletes it itself.
type after struct {
	keys []UserKey
	cmds []*redis.StringCmd
}

func (a *after) look(ctx context.Context, pipe redis.Pipeliner) {
	for _, key := range a.keys {
		a.cmds = append(a.cmds, pipe.GetRange(ctx, identityKey(key), 0, 0))
	}
}

func (a *after) sweep(ctx context.Context, w *Writer) error {
	pipe := w.client.Pipeline()
	for i, key := range a.keys {
		if isOptedOut(a.cmds[i].Val()) {
			pipe.Del(ctx, segmentsKey(key), exposuresKey(key))
		}
	}
	if pipe.Len() == 0 {
		return nil
	}
	_, err := pipe.Exec(ctx)
	return err
}
