package ledger

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// Given two bidders that say what may arrive late, then readers know the sum,
// of a dead one too, and of one whose slice was given back all of it.
func testLateRisks(t *testing.T, w *world) {
	ctx := context.Background()
	day := event.NodePeriod{Node: life.Node, Period: today}
	a, b := w.open("a"), w.open("b")
	ofA, ofB := w.Risks(a), w.Risks(b)
	say := func(r *Risks, all ...pacing.Risk) {
		t.Helper()
		if err := r.Say(ctx, all); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want map[event.NodePeriod]money.Nanos) {
		t.Helper()
		got, err := join(t, w).LateRisks(ctx, []event.NodeID{life.Node, 77})
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("late may be %v, %v; want %v", got, err, want)
		}
	}
	expect(nil)
	say(ofA, pacing.Risk{NodePeriod: life, Open: 800, Silent: 800, SetAside: 800}, pacing.Risk{NodePeriod: day, Open: 80, SetAside: 80}, pacing.Risk{NodePeriod: event.NodePeriod{Node: 78}, Open: 5})
	expect(map[event.NodePeriod]money.Nanos{life: 900, day: 0}) // an eighth more
	say(ofB, pacing.Risk{NodePeriod: life, Silent: 80, Lost: 1000})
	expect(map[event.NodePeriod]money.Nanos{life: 990, day: 0})

	// What it covers need not be said again, until it is too much or too little.
	say(ofA, pacing.Risk{NodePeriod: life, Silent: 1800, SetAside: 1080}, pacing.Risk{NodePeriod: day, Open: 80, SetAside: 80})
	expect(map[event.NodePeriod]money.Nanos{life: 990, day: 0})
	say(ofA, pacing.Risk{NodePeriod: life, Silent: 1801, SetAside: 1081})
	expect(map[event.NodePeriod]money.Nanos{life: 810 + 90})
	say(ofA, pacing.Risk{NodePeriod: life, Silent: 800, SetAside: 800})
	expect(map[event.NodePeriod]money.Nanos{life: 90})

	// A dead bidder's last word holds; its slice is set aside until its horizon.
	w.clock.Advance(w.lease + w.horizon() + time.Second)
	if _, err := w.Reclaim(ctx); err != nil {
		t.Fatal(err)
	}
	expect(map[event.NodePeriod]money.Nanos{life: 990})
	say(ofB)
	expect(map[event.NodePeriod]money.Nanos{life: 900})
	w.clock.Advance(saidFor)
	expect(nil)
	say(ofB, pacing.Risk{NodePeriod: life, Silent: 8})
	var rows int
	if err := w.store.DB().QueryRow(`SELECT COUNT(*) FROM late_risks`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows are kept, %v", rows, err)
	}

	// What lasts is said again in time.
	for range 40 {
		w.clock.Advance(24 * time.Hour)
		say(ofB, pacing.Risk{NodePeriod: life, Silent: 8})
	}
	expect(map[event.NodePeriod]money.Nanos{life: 9})
}
