package event

import (
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestBidIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		incarnation, seq := rapid.Uint64().Draw(t, "incarnation"), rapid.Uint64().Draw(t, "sequence")
		id := NewBidID(incarnation, seq)
		if id.Incarnation() != incarnation || id.Sequence() != seq {
			t.Fatalf("id of %d, %d says %d, %d", incarnation, seq, id.Incarnation(), id.Sequence())
		}
		got, err := ParseBidID(id.String())
		if err != nil || got != id || string(id.AppendHex(nil)) != id.String() {
			t.Fatalf("%v reads back as %v, %v", id, got, err)
		}
	})
}

func TestParseBidIDRefuses(t *testing.T) {
	for _, s := range []string{"", "00", "zz000000000000000000000000000000", "000000000000000000000000000000000"} {
		if id, err := ParseBidID(s); err == nil {
			t.Errorf("%q was read as %v", s, id)
		}
	}
}

func TestBidIDsNeverRepeat(t *testing.T) {
	ids := NewBidIDs(3)
	var mu sync.Mutex
	seen := make(map[BidID]bool)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				id := ids.Next()
				mu.Lock()
				if seen[id] || id.Incarnation() != 3 || id.Sequence() == 0 {
					t.Errorf("id %v came twice, or is not of this incarnation", id)
				}
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestKindNames(t *testing.T) {
	for _, k := range Kinds() {
		if got, ok := ParseKind(k.String()); !ok || got != k {
			t.Errorf("%v reads back as %v, %t", k, got, ok)
		}
	}
	if k, ok := ParseKind("unknown"); ok {
		t.Errorf("unknown was read as %v", k)
	}
	if Kind(200).String() != "unknown" || PriceState(200).String() != "invalid" {
		t.Error("a number from a newer version has a name")
	}
}
