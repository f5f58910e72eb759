package chaos

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// flow is what shows that bids and bookings flow.
type flow struct {
	bidders  []*node
	known    string         // the campaign that bids for known users only
	bids     []atomic.Int64 // real time of each bidder's last bid, Unix nanoseconds
	user     atomic.Int64   // real time of the last bid for a known user
	bookings atomic.Int64   // as last read
}

func newFlow(bidders []*node) *flow {
	return &flow{bidders: bidders, bids: make([]atomic.Int64, len(bidders))}
}

// bid records a bid that the exchange got.
func (f *flow) bid(bidder int, campaign string) {
	now := time.Now().UnixNano()
	f.bids[bidder].Store(now)
	if campaign == f.known {
		f.user.Store(now)
	}
}

// bidSince says whether all of these have bid since t.
func (f *flow) bidSince(t time.Time, who ...*node) bool {
	for _, n := range who {
		for i, b := range f.bidders {
			if b == n && f.bids[i].Load() < t.UnixNano() {
				return false
			}
		}
	}
	return true
}

func (f *flow) knownUserSince(t time.Time) bool { return f.user.Load() >= t.UnixNano() }

// bookedAfter sets again, when what it returns is called, to whether something
// was booked after that, and all of also.
func (f *flow) bookedAfter(again *func() bool, also ...func() bool) func() {
	return func() {
		before := f.bookings.Load()
		*again = func() bool {
			for _, ok := range also {
				if !ok() {
					return false
				}
			}
			return f.bookings.Load() > before
		}
	}
}

// gauges reads a process's metrics: by name and labels, as written. It
// returns none from a process that does not answer.
func (w *world) gauges(ctx context.Context, n *node) map[string]float64 {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.admin+"/metrics", nil)
	if err != nil {
		return nil
	}
	answer, err := w.http.Do(r)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	all := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil {
			all[name] = v
		}
	}
	return all
}
