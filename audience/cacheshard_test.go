package audience

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Given a shard with room for a few users, when entries come, go and grow old
// in any order, then a user who is found has what was put in last, not older
// than is asked for and not from before a drop; the counts are true, and
// nothing is left of who was dropped or wiped.
func TestCacheShardIsNeverWrong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s cacheShard
		s.open(make([]byte, rapid.IntRange(512, 4096).Draw(t, "bytes")))
		room := len(s.ring) + 8*len(s.index)
		type kept struct {
			entry cacheEntry
			gone  bool
		}
		model := map[byte]kept{}
		key := func() (k UserKey) {
			k[0], k[1] = tagIFA, rapid.Byte().Draw(t, "user")%12 // all of few sets
			k[5], k[16] = k[1]%3, k[1]
			return k
		}
		now := time.Duration(1)
		text := func(name string) string {
			b := rapid.Byte().Draw(t, name)
			return strings.Repeat(string(rune('A'+b%26)), int(b)%120)
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 3).Draw(t, "later"))
			k := key()
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0, 1, 2:
				e := cacheEntry{record{rapid.SampledFrom([]string{"", "l", "a"}).Draw(t, "identity"), text("segments"), text("exposures")}, 3, now}
				_, version, _ := s.get(&k, 0, 0, new(record), nil)
				before := s.head
				if s.put(&k, version, &e, now-20); s.head != before {
					model[k[1]] = kept{entry: e}
					var r record
					if _, _, ok := s.get(&k, 3, now-1, &r, nil); !ok || r != e.record {
						t.Fatalf("put %+v in, found %+v, %v", e.record, r, ok)
					}
				}
			case 3:
				_, version, _ := s.get(&k, 0, 0, new(record), nil)
				s.drop(&k)
				was := model[k[1]]
				was.gone = true
				model[k[1]] = was
				if s.put(&k, version, &cacheEntry{record{"l", "late", "late"}, 3, now}, now-20); s.slot(&k) != nil {
					t.Fatal("an answer of before the drop was put in")
				}
			case 4:
				for s.wipe(now - 20) {
				}
			default:
				var r record
				_, _, ok := s.get(&k, 3, now-20, &r, nil)
				m, was := model[k[1]]
				if ok && (!was || m.gone || m.entry.asked <= now-20 || r != m.entry.record) {
					t.Fatalf("found %+v, want %+v, gone %v, at %v", r, m.entry, m.gone, now)
				}
			}
			found := 0
			for i := range s.index {
				if s.index[i] != 0 {
					found++
				}
			}
			if found != s.entries || s.used() > room || s.head-s.tail > uint64(len(s.ring)) {
				t.Fatalf("%d entries, counted %d; %d bytes of %d", found, s.entries, s.used(), room)
			}
		}
		for s.wipe(now) {
		}
		if s.entries != 0 || s.tail != s.head {
			t.Fatalf("%d entries are left of a wipe", s.entries)
		}
		if i := bytes.IndexFunc(s.ring, func(r rune) bool { return 'A' <= r && r <= 'Z' }); i >= 0 {
			t.Fatalf("something is left of a user, at %d", i)
		}
	})
}

// What is there of a user who is dropped is overwritten at once.
func TestCacheDropLeavesNothing(t *testing.T) {
	var s cacheShard
	s.open(make([]byte, 4096))
	k := testKey(t, "ann")
	s.put(&k, 0, &cacheEntry{record{"l", "SEGMENTS", "EXPOSURES"}, 3, 1}, 0)
	if !bytes.Contains(s.ring, []byte("SEGMENTSEXPOSURES")) || !bytes.Contains(s.ring, k[:]) {
		t.Fatal("not put in")
	}
	s.drop(&k)
	if bytes.Contains(s.ring, []byte("S")) || bytes.Contains(s.ring, k[1:]) {
		t.Error("something is left")
	}
	if s.entries != 0 || s.evicted != 0 {
		t.Errorf("%d entries, %d evicted", s.entries, s.evicted)
	}
}

// Of a user who opted out only that is kept, and of an exchange's id not whose
// it is.
func TestCacheKeepsLittle(t *testing.T) {
	var s cacheShard
	s.open(make([]byte, 4096))
	k := testKey(t, "ann")
	s.put(&k, 0, &cacheEntry{record{"o", "SEGMENTS", "EXPOSURES"}, 3, 1}, 0)
	s.put(&k, 0, &cacheEntry{record{"aKEY", "", ""}, 3, 2}, 0)
	for _, left := range []string{"SEGMENTS", "EXPOSURES", "KEY"} {
		if bytes.Contains(s.ring, []byte(left)) {
			t.Errorf("%s is kept", left)
		}
	}
}

// Where there is no room the oldest go, and are counted; a record that is too
// large for the shard drives nobody out.
func TestCacheMakesRoom(t *testing.T) {
	var s cacheShard
	s.open(make([]byte, 4096))
	put := func(i int, size int) {
		k := testKey(t, fmt.Sprint("user ", i))
		s.put(&k, 0, &cacheEntry{record{"", strings.Repeat("x", size), ""}, 3, time.Duration(i + 1)}, 0)
	}
	const users = 200
	for i := range users {
		put(i, 64)
	}
	put(users, 4096)
	found := 0
	for i := range users {
		k := testKey(t, fmt.Sprint("user ", i))
		if _, _, ok := s.get(&k, 3, 0, new(record), nil); ok {
			found++
			if i < users/2 {
				t.Errorf("user %d of %d is still there", i, users)
			}
		}
	}
	if want := len(s.ring) / 104; found < want-3 || found != s.entries || int(s.evicted) != users-found {
		t.Errorf("%d users found, counted %d and %d evicted, want about %d", found, s.entries, s.evicted, want)
	}
}
