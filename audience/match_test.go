package audience

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/event"
)

// theirKey returns the key of an exchange's id.
func theirKey(t testing.TB, id string, exchange event.ExchangeID) UserKey {
	t.Helper()
	key, ok := newKeyer(t).KeyOf(AssertConsent(), "user", []byte(id), exchange)
	if !ok {
		t.Fatalf("no key for %q", id)
	}
	return key
}

// match matches two ids, and wants an outcome.
func (a *room) match(t testing.TB, own, theirs UserKey, exchange event.ExchangeID, want MatchOutcome) {
	t.Helper()
	got, err := a.writer.Match(context.Background(), AssertConsent(), Match{own, theirs, exchange, 90 * 24 * time.Hour})
	if err != nil || got != want {
		t.Fatalf("matching: %q, %v, want %q", got, err, want)
	}
}

func (a *room) see(t testing.TB, key UserKey, hash uint64) {
	t.Helper()
	if err := a.writer.AddExposures(context.Background(), []ExposureWrite{{key, exposureAt(time.Minute, 5), hash}}); err != nil {
		t.Fatal(err)
	}
}

// has wants a user's segments and number of exposures.
func (a *room) has(t testing.TB, what string, key UserKey, segments string, exposures int) {
	t.Helper()
	p := a.read(t, key)
	if fmt.Sprint(p.Segments) != segments || len(p.Exposures) != exposures {
		t.Errorf("%s: segments %v and %d exposures, want %s and %d", what, p.Segments, len(p.Exposures), segments, exposures)
	}
}

// nothingOf wants no key or value in a Redis that has a user's key in it, as
// text or as bytes, but the mark of an opt-out.
func nothingOf(t *testing.T, nodes []*redistest.Server, users ...UserKey) {
	t.Helper()
	ctx := context.Background()
	for _, node := range nodes {
		c := node.Client()
		defer c.Close()
		keys, err := c.Keys(ctx, "*").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			value, err := c.Get(ctx, key).Result()
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range users {
				text := base64.RawURLEncoding.EncodeToString(u[:])
				if (strings.Contains(key, text) || strings.Contains(value, string(u[1:]))) && value != "o" {
					t.Errorf("the user is left in a %s of %d bytes", key[len(key)-1:], len(value))
				}
			}
		}
	}
}

// inBoth runs a test on one Redis and on a Cluster, where the ids of a user are
// on several nodes, and on each with a cache, which must make no difference.
func inBoth(t *testing.T, test func(*testing.T, *room, []*redistest.Server)) {
	t.Run("one", func(t *testing.T) {
		s := newRedis(t)
		test(t, newRoom(t, nil, s.Addr()), []*redistest.Server{s})
	})
	t.Run("one cached", func(t *testing.T) {
		s := newRedis(t)
		test(t, newRoom(t, cached(t), s.Addr()), []*redistest.Server{s})
	})
	t.Run("cluster", func(t *testing.T) {
		cluster, err := redistest.StartCluster(3)
		if err != nil {
			t.Fatal(err)
		}
		defer cluster.Close()
		t.Run("plain", func(t *testing.T) { test(t, newRoom(t, nil, cluster.Addrs()...), cluster.Nodes) })
		for _, node := range cluster.Nodes {
			c := node.Client()
			defer c.Close()
			if err := c.FlushAll(context.Background()).Err(); err != nil {
				t.Fatal(err)
			}
		}
		t.Run("cached", func(t *testing.T) { test(t, newRoom(t, cached(t), cluster.Addrs()...), cluster.Nodes) })
	})
}

// Given an id of ours and one of an exchange, each with things known, when they
// are matched, then all is known under both, what is written later as well, and
// erasing either leaves nothing of both.
func TestMatch(t *testing.T) {
	inBoth(t, func(t *testing.T, a *room, nodes []*redistest.Server) {
		own, alpha, beta := testKey(t, "own"), theirKey(t, "x", 1), theirKey(t, "x", 2)
		a.put(t, own, 10)
		a.put(t, alpha, 20)
		a.see(t, own, 1)
		a.see(t, alpha, 2)
		a.match(t, own, alpha, 1, MatchNew)
		a.has(t, "ours", own, "[10 20]", 2)
		a.has(t, "theirs", alpha, "[10 20]", 2)
		a.match(t, own, alpha, 1, MatchKept)

		a.match(t, own, beta, 2, MatchNew)
		a.put(t, beta, 30)
		a.see(t, alpha, 3)
		for i, key := range []UserKey{own, alpha, beta} {
			a.has(t, fmt.Sprint("id ", i, " of three"), key, "[10 20 30]", 3)
		}

		for _, erased := range []UserKey{own, alpha, beta} {
			if _, err := a.writer.Erase(context.Background(), false, erased); err != nil {
				t.Fatal(err)
			}
			nothingOf(t, nodes, own, alpha, beta)
			for i, key := range []UserKey{own, alpha, beta} {
				a.has(t, fmt.Sprint("id ", i, " that was erased"), key, "[]", 0)
			}
			a.match(t, own, alpha, 1, MatchNew)
			a.match(t, own, beta, 2, MatchNew)
			a.put(t, alpha, 20)
			a.see(t, beta, 3)
			a.has(t, "before it is erased", own, "[20]", 1)
		}
	})
}

// A match is made anew when it is a day old, and ends with its life.
func TestMatchLives(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, nil, s.Addr())
	own, alpha := testKey(t, "own"), theirKey(t, "x", 1)
	a.put(t, own, 10)
	a.match(t, own, alpha, 1, MatchNew)
	c := s.Client()
	defer c.Close()
	for _, key := range []string{identityKey(own), identityKey(alpha)} {
		if ttl := c.TTL(t.Context(), key).Val(); ttl <= 89*24*time.Hour || ttl > 90*24*time.Hour {
			t.Errorf("a match is kept for %v", ttl)
		}
	}
	c.Expire(t.Context(), identityKey(alpha), time.Hour)
	a.match(t, own, alpha, 1, MatchKept)
	if ttl := c.TTL(t.Context(), identityKey(alpha)).Val(); ttl > time.Hour {
		t.Error("a match of today was written again")
	}
	a.clock.Advance(25 * time.Hour)
	a.match(t, own, alpha, 1, MatchKept)
	if ttl := c.TTL(t.Context(), identityKey(alpha)).Val(); ttl <= 89*24*time.Hour {
		t.Errorf("a match of yesterday is kept for %v more", ttl)
	}
	// What stands under their id does not outlive the match.
	a.see(t, own, 1)
	if _, err := a.writer.Match(t.Context(), AssertConsent(), Match{own, theirKey(t, "y", 2), 2, time.Hour}); err != nil {
		t.Fatal(err)
	}
	a.see(t, own, 2)
	if ttl := c.TTL(t.Context(), exposuresKey(theirKey(t, "y", 2))).Val(); ttl > time.Hour {
		t.Errorf("exposures under a match of an hour are kept for %v", ttl)
	}
}

// The latest match is believed. Whoever cleared our cookie is a stranger, and
// of one browser an exchange has one id.
func TestMatchMoves(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, cached(t), s.Addr())
	first, second, alpha := testKey(t, "first"), testKey(t, "second"), theirKey(t, "x", 1)
	a.put(t, first, 10)
	a.match(t, first, alpha, 1, MatchNew)
	a.has(t, "the exchange's id", alpha, "[10]", 0)
	a.match(t, second, alpha, 1, MatchMoved)
	a.has(t, "the cookie before", first, "[10]", 0)
	a.has(t, "the cookie now", second, "[]", 0)
	a.has(t, "the exchange's id", alpha, "[]", 0)
	a.put(t, first, 11)
	a.has(t, "the exchange's id", alpha, "[]", 0)

	another := theirKey(t, "y", 1)
	a.put(t, second, 12)
	a.has(t, "the exchange's id", alpha, "[12]", 0)
	a.match(t, second, another, 1, MatchNew)
	a.has(t, "the exchange's newer id", another, "[12]", 0)
	a.has(t, "the exchange's older id", alpha, "[]", 0)

	for exchange := range event.ExchangeID(MaxLinks + 5) {
		a.match(t, second, theirKey(t, "z", exchange+10), exchange+10, MatchNew)
	}
	c := s.Client()
	defer c.Close()
	if n := len(linksOf(c.Get(t.Context(), identityKey(second)).Val(), noon)); n != MaxLinks {
		t.Errorf("%d matches are kept, want %d", n, MaxLinks)
	}
}

// Who opted out is neither read nor written under any id that was matched, nor
// under one that is matched later, and an erasure does not undo it.
func TestOptOut(t *testing.T) {
	inBoth(t, func(t *testing.T, a *room, nodes []*redistest.Server) {
		ctx := context.Background()
		own, alpha, beta, later := testKey(t, "own"), theirKey(t, "x", 1), theirKey(t, "x", 2), theirKey(t, "x", 3)
		a.put(t, own, 10)
		a.see(t, own, 1)
		a.match(t, own, alpha, 1, MatchNew)
		a.match(t, own, beta, 2, MatchNew)
		a.has(t, "before", own, "[10]", 1)
		done, err := a.writer.Erase(ctx, true, alpha)
		if want := (Erased{IDs: 3, Segments: 3, Exposures: 3, Matches: 3, OptedOut: 3}); err != nil || done != want {
			t.Fatalf("%+v, %v; want %+v", done, err, want)
		}
		var p Profile
		if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), []UserKey{own}, &p); err != ErrOptedOut {
			t.Errorf("read after opting out: %v", err)
		}
		a.match(t, own, later, 3, MatchOptedOut)
		all := []UserKey{own, alpha, beta, later}
		for range 2 {
			for i, key := range all {
				a.put(t, key, 11)
				a.see(t, key, 2)
				stranger := testKey(t, "stranger")
				for _, ids := range [][]UserKey{{key}, {stranger, key}, {key, stranger}} {
					if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), ids, &p); err != ErrOptedOut || p.Known {
						t.Errorf("id %d of a user who opted out: %v", i, err)
					}
				}
			}
			nothingOf(t, nodes, all...)
			if _, err := a.writer.Erase(ctx, false, own); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// An opt-out that comes while a write is under way wins.
func TestOptOutBetweenReadAndWrite(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, nil, s.Addr())
	ctx, key := context.Background(), testKey(t, "own")
	check := after{keys: []UserKey{key}}
	pipe := a.writer.client.Pipeline()
	if err := a.writer.OptOut(ctx, key); err != nil { // after the writer looked
		t.Fatal(err)
	}
	pipe.Append(ctx, exposuresKey(key), "late")
	pipe.Set(ctx, segmentsKey(key), "late", 0)
	check.look(ctx, pipe)
	if _, err := pipe.Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if err := check.sweep(ctx, a.writer); err != nil {
		t.Fatal(err)
	}
	nothingOf(t, []*redistest.Server{s}, key)
}

// Of several ids the first counts of which anything is known, and nothing of
// the others is mixed in.
func TestReadTakesTheFirstKnown(t *testing.T) {
	inBoth(t, func(t *testing.T, a *room, _ []*redistest.Server) {
		new1, known, other := testKey(t, "new"), testKey(t, "known"), testKey(t, "other")
		a.put(t, known, 10)
		a.put(t, other, 20)
		var p Profile
		for _, tt := range []struct {
			ids      []UserKey
			chosen   int
			stored   bool
			segments []event.SegmentID
		}{
			{[]UserKey{known, other}, 0, true, []event.SegmentID{10}},
			{[]UserKey{other, known}, 0, true, []event.SegmentID{20}},
			{[]UserKey{new1, known, other}, 1, true, []event.SegmentID{10}},
			{[]UserKey{new1}, 0, false, nil},
		} {
			if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), tt.ids, &p); err != nil {
				t.Fatal(err)
			}
			if !p.Known || p.Chosen != tt.chosen || p.Stored != tt.stored || !slices.Equal(p.Segments, tt.segments) {
				t.Errorf("%d ids: %+v", len(tt.ids), p)
			}
		}
	})
}

func TestMatchTakesNoOtherKinds(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	own, alpha := testKey(t, "own"), theirKey(t, "x", 1)
	for what, m := range map[string]Match{
		"two of ours": {own, own, 1, time.Hour}, "two of theirs": {alpha, alpha, 1, time.Hour},
		"the wrong way": {alpha, own, 1, time.Hour}, "no life": {own, alpha, 1, 0},
	} {
		if _, err := a.writer.Match(t.Context(), AssertConsent(), m); err != ErrNoMatch {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := a.writer.Match(t.Context(), Permit{}, Match{own, alpha, 1, time.Hour}); err != ErrNoMatch {
		t.Errorf("without a permit: %v", err)
	}
}
