package chaos

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseFaults(t *testing.T) {
	got, err := ParseFaults("late, kill-bidder,late")
	if err != nil || !slices.Equal(got, []Fault{Late, KillBidder}) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := ParseFaults("late,flood"); err == nil {
		t.Error("a fault that there is not was taken")
	}
	if got, err := ParseFaults(""); len(got) != 0 || err != nil {
		t.Errorf("of nothing: %v, %v", got, err)
	}
}

// Whatever the seed, each fault of the machinery comes once, never two at a
// time, and leaves the beginning and the last part in peace.
func TestPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, duration := rapid.Uint64().Draw(t, "seed"), time.Duration(rapid.Int64Range(10, 3600).Draw(t, "seconds"))*time.Second
		all := plan(Faults, seed, duration)
		if len(all) != 7 || !slices.EqualFunc(all, plan(Faults, seed, duration), func(a, b planned) bool { return a == b }) {
			t.Fatalf("got %v", all)
		}
		end, seen := duration/12, map[Fault]bool{}
		for _, p := range all {
			if p.at < end || p.length <= 0 || seen[p.Fault] || p.ofExchange() {
				t.Fatalf("%s at %v for %v; the one before ended at %v", p.Fault, p.at, p.length, end)
			}
			end, seen[p.Fault] = p.at+p.length, true
		}
		if end > duration*6/10 {
			t.Fatalf("the last ends at %v of %v", end, duration)
		}
	})
}
