package audience

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tangent-dsp/tangent/event"
)

// Match says that an exchange knows a browser, or a person, by one id and we by
// another.
type Match struct {
	Own      UserKey // of namespace "buyeruid"
	Theirs   UserKey // of namespace "user"
	Exchange event.ExchangeID
	Life     time.Duration // how long it is believed; it is made anew before
}

// MatchOutcome is what a match came to: a metric label.
type MatchOutcome string

// The outcomes.
const (
	MatchNew      MatchOutcome = "new"
	MatchMoved    MatchOutcome = "moved"     // the exchange's id was that of another of ours
	MatchKept     MatchOutcome = "kept"      // it was there; made anew if it was a day old
	MatchOptedOut MatchOutcome = "opted_out" // one of the two opted out, and now both have
)

// refreshAfter is how old a match is when it is written again.
const refreshAfter = 24 * time.Hour

// ErrNoMatch says that the keys of a match are not of the kinds that can be
// matched.
var ErrNoMatch = errors.New("audience: want one id of ours and one of an exchange")

// Match stores a match and puts together what is known of the two: segments
// and exposures are found under either from then on. The latest match is
// believed. An id of the exchange's that was matched with another of ours
// leaves what was known of that behind: who cleared our cookie is a stranger.
// Of one of our ids and one exchange there is one match. Doing it again after an
// error is right.
func (w *Writer) Match(ctx context.Context, p Permit, m Match) (MatchOutcome, error) {
	if !p.Granted() || m.Own[0] != tagBuyerUID || m.Theirs[0] != tagUser || m.Life < time.Minute {
		return "", ErrNoMatch
	}
	outcome, err := w.match(ctx, &m)
	if err != nil {
		w.metrics.failed.Inc()
		return "", fmt.Errorf("cannot store a match: %w", hideKeys(err))
	}
	return outcome, nil
}

func (w *Writer) match(ctx context.Context, m *Match) (MatchOutcome, error) {
	before := map[UserKey]string{}
	if err := w.identities(ctx, []UserKey{m.Own, m.Theirs}, before); err != nil {
		return "", err
	}
	if isOptedOut(before[m.Own]) || isOptedOut(before[m.Theirs]) {
		return MatchOptedOut, w.optOut(ctx, m.Own, m.Theirs)
	}
	outcome := MatchNew
	now := w.clock.Now()
	if was, ok := aliasOf(before[m.Theirs]); ok && was != m.Own {
		outcome = MatchMoved
		optedOut, err := w.editLinks(ctx, was, func(links []link) []link { return withoutLink(links, m.Theirs) })
		if err != nil {
			return "", err
		}
		if optedOut {
			return MatchOptedOut, w.optOut(ctx, m.Own, m.Theirs)
		}
		if err := w.client.Del(ctx, segmentsKey(m.Theirs), exposuresKey(m.Theirs)).Err(); err != nil {
			return "", err
		}
	} else if ok {
		outcome = MatchKept
		for _, l := range linksOf(before[m.Own], now) {
			if l.key == m.Theirs && time.Duration(l.expiry-unixSeconds(now))*time.Second > m.Life-refreshAfter {
				return MatchKept, nil
			}
		}
	}

	// The alias comes before the link that an opt-out or an erasure finds it by,
	// so that neither misses it.
	if err := w.client.Set(ctx, identityKey(m.Theirs), appendAlias(nil, &m.Own), m.Life).Err(); err != nil {
		return "", err
	}
	var dropped []link
	optedOut, err := w.editLinks(ctx, m.Own, func(links []link) (kept []link) {
		kept, dropped = withLink(links, link{m.Theirs, m.Exchange, unixSeconds(now.Add(m.Life))})
		return kept
	})
	if err != nil {
		return "", err
	}
	if optedOut {
		return MatchOptedOut, w.optOut(ctx, m.Own, m.Theirs)
	}
	for _, l := range dropped {
		if err := w.unlink(ctx, l.key, m.Own); err != nil {
			return "", err
		}
	}
	return outcome, w.unite(ctx, m, outcome != MatchKept)
}

// editLinks changes the links of one of our ids, and says whether it opted out
// instead. Somebody else's change in between makes it try again.
func (w *Writer) editLinks(ctx context.Context, own UserKey, edit func([]link) []link) (optedOut bool, err error) {
	key := identityKey(own)
	for range 5 {
		err = w.client.Watch(ctx, func(tx *redis.Tx) error {
			value, err := tx.Get(ctx, key).Result()
			if err != nil && !errors.Is(err, redis.Nil) {
				return err
			}
			if optedOut = isOptedOut(value); optedOut {
				return nil
			}
			now := w.clock.Now()
			links := edit(linksOf(value, now))
			_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
				if len(links) == 0 {
					pipe.Del(ctx, key)
					return nil
				}
				latest := uint32(0)
				for i := range links {
					latest = max(latest, links[i].expiry)
				}
				pipe.Set(ctx, key, appendLinks(nil, links), time.Duration(latest-unixSeconds(now))*time.Second)
				return nil
			})
			return err
		}, key)
		if !errors.Is(err, redis.TxFailedErr) {
			return optedOut, err
		}
	}
	return false, err
}

func withoutLink(links []link, key UserKey) (kept []link) {
	for _, l := range links {
		if l.key != key {
			kept = append(kept, l)
		}
	}
	return kept
}

// unlink forgets an alias that a newer match drove out, unless it belongs to
// somebody else by now.
func (w *Writer) unlink(ctx context.Context, alias, own UserKey) error {
	identity, err := w.client.Get(ctx, identityKey(alias)).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	if is, ok := aliasOf(identity); !ok || is != own {
		return nil
	}
	return w.client.Del(ctx, identityKey(alias), segmentsKey(alias), exposuresKey(alias)).Err()
}

// unite writes what is stored under each of two keys under the other, too, and
// under what else is matched with ours. Exposures that both have count once, so
// appending is right; those of a match that is made anew are there already.
func (w *Writer) unite(ctx context.Context, m *Match, exposures bool) error {
	var segments, seen [2]*redis.StringCmd
	pipe := w.client.Pipeline()
	for i, key := range [2]UserKey{m.Own, m.Theirs} {
		segments[i], seen[i] = pipe.Get(ctx, segmentsKey(key)), pipe.Get(ctx, exposuresKey(key))
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	groups, err := w.groups(ctx, []UserKey{m.Own})
	if err != nil {
		return err
	}
	now := w.clock.Now()
	members := groups[m.Own].members
	var check after
	pipe = w.client.Pipeline()
	if value, latest := uniteSegments(segments[0].Val(), segments[1].Val(), now); len(value) > 0 {
		for i := range members {
			life := members[i].ttl(time.Duration(latest-unixSeconds(now)) * time.Second)
			pipe.Set(ctx, segmentsKey(members[i].key), value, life)
			check.keys = append(check.keys, members[i].key)
		}
	}
	if exposures {
		appendSeen(ctx, pipe, &check, members, m, seen[0].Val(), seen[1].Val(), now)
	}
	if len(check.keys) == 0 {
		return nil
	}
	check.look(ctx, pipe)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	if err := check.sweep(ctx, w); err != nil {
		return err
	}
	for i := range members {
		if err := w.compact(ctx, &members[i].key); err != nil {
			return err
		}
	}
	return nil
}

// appendSeen appends the exposures of ours to theirs, and of theirs to ours and
// all that is matched with ours. Lists that cannot be read stay where they are.
func appendSeen(ctx context.Context, pipe redis.Pipeliner, check *after, members []place, m *Match, ours, theirs string, now time.Time) {
	var parsed exposureList
	for i := range members {
		to := &members[i]
		list := theirs
		if to.key == m.Theirs {
			list = ours
		}
		if list == "" || parsed.find(list, now) != nil {
			continue
		}
		life := to.ttl(ActionRetention)
		pipe.Append(ctx, exposuresKey(to.key), list)
		pipe.ExpireNX(ctx, exposuresKey(to.key), life)
		pipe.ExpireGT(ctx, exposuresKey(to.key), life)
		check.keys = append(check.keys, to.key)
	}
}
