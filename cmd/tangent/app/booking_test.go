package app

import (
	"strings"
	"testing"
	"time"
)

// Booking is looked at each second; market time runs ten times as fast.
func TestBookingStandsStillOnlyWhileSomethingWaits(t *testing.T) {
	const speed, slack = 10, 20 * time.Second
	real := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	market := real.Add(24 * time.Hour)
	type step struct {
		second  int    // of real time
		pending uint64 // in the log
		through int    // market second that the ledger says; below the slack while nothing waits
		log     string // "", away, or spooled
		ledger  string // "" or away
		still   bool
		lag     float64 // market seconds
	}
	for name, steps := range map[string][]step{
		"no traffic, and no worker": {
			{second: 0, through: -90_000}, {second: 60, through: -90_000}, {second: 3600, through: -90_000},
		},
		"the worker dies": {
			{second: 1, pending: 2, through: -15, lag: 5},
			{second: 2, pending: 2, through: -5, lag: 5},
			{second: 4, pending: 3, through: -5, lag: 25},
			{second: 7, pending: 3, through: -5, lag: 55},
			{second: 8, pending: 3, through: -5, still: true, lag: 65},
			{second: 60, pending: 3, through: -5, still: true, lag: 585},
			{second: 61, pending: 2, through: -4, lag: 594}, // and another books
			{second: 62, through: 600},
		},
		"the first notice after a quiet night without a worker": {
			{second: 0, through: -90_000},
			{second: 5, pending: 1, through: -90_000, lag: 50},
			{second: 6, pending: 1, through: -90_000, still: true, lag: 60},
		},
		"this process starts while booking stands still": {
			{second: 0, pending: 1, through: -90_000, still: true, lag: 89_980},
			{second: 1, pending: 1, through: -90_000, still: true, lag: 89_990},
			{second: 2, pending: 0, through: -90_000},
		},
		"it starts while booking gets on": {
			{second: 0, pending: 9, through: -30, lag: 10},
			{second: 5, pending: 9, through: -30, lag: 60},
			{second: 6, pending: 9, through: -30, still: true, lag: 70},
		},
		"the spool stands in for the log": {
			{second: 0, through: -20},
			{second: 10, log: "spooled", through: -20, lag: 100},
			{second: 90, log: "spooled", through: -20, lag: 900},
			{second: 91, pending: 5, through: -20, lag: 910},
			{second: 96, pending: 5, through: -20, still: true, lag: 960},
		},
		"neither log nor spool says anything": {
			{second: 0, through: -20},
			{second: 5, log: "away", through: -20, lag: 50},
			{second: 6, log: "away", through: -20, still: true, lag: 60},
		},
		"the ledger is away": {
			{second: 0, pending: 1, through: -20, lag: 0},
			{second: 5, pending: 1, ledger: "away", lag: 50},
			{second: 6, pending: 1, ledger: "away", still: true, lag: 60},
			{second: 7, pending: 1, through: 5, lag: 45},
		},
		"late events of a spool take it back": {
			{second: 0, pending: 1, through: -20, lag: 0},
			{second: 5, pending: 1, through: -320, lag: 350},
			{second: 9, pending: 1, through: -300, lag: 370},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := &bookingProgress{bound: 5 * time.Second, market: 5 * speed * time.Second, slack: slack}
			if p.still(real) == "" {
				t.Error("fit before the first look")
			}
			for _, s := range steps {
				at, now := real.Add(time.Duration(s.second)*time.Second), market.Add(time.Duration(s.second)*speed*time.Second)
				p.see(look{
					at: at, market: now, pending: s.pending, through: market.Add(time.Duration(s.through) * time.Second),
					log: s.log == "", ledger: s.ledger == "", spooling: s.log == "spooled",
				})
				if why := p.still(at); (why != "") != s.still || s.still && !strings.HasPrefix(why, "booking stands still: ") {
					t.Errorf("second %d: %q", s.second, why)
				}
				if got := p.lag(now).Seconds(); got != s.lag {
					t.Errorf("second %d: lag is %v s, want %v", s.second, got, s.lag)
				}
			}
		})
	}
}
