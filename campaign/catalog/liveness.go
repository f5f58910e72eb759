package catalog

import (
	"sync/atomic"

	"github.com/tangent-dsp/tangent/campaign"
)

// liveness says whether something may bid at this moment. Every compiled
// version of a line item (or creative) in every snapshot shares one, so that
// a pause reaches walks that are under way over older snapshots.
type liveness struct{ bits atomic.Uint32 }

// What keeps something from bidding; no bit means that it may.
const (
	pausedByStatus uint32 = 1 << iota
	pausedByCampaign
	pausedByAdvertiser
	left // archived or unfit: this version is out for good
)

// pauses returns what keeps a line item from bidding.
func (e *lineItemEntry) pauses() (bits uint32) {
	if e.status != active {
		bits |= pausedByStatus
	}
	if c := e.campaign; c != nil {
		if c.def.Status != campaign.Active {
			bits |= pausedByCampaign
		}
		if a := c.advertiser; a != nil && a.def.Status != campaign.Active {
			bits |= pausedByAdvertiser
		}
	}
	return bits
}

// archived says whether the line item has left the catalog.
func (e *lineItemEntry) archived() bool {
	c := e.campaign
	return e.status == archived ||
		c != nil && (c.def.Status == campaign.Archived ||
			c.advertiser != nil && c.advertiser.def.Status == campaign.Archived)
}

// pauses returns what keeps a creative from being served.
func (e *creativeEntry) pauses() (bits uint32) {
	if e.status != active {
		bits |= pausedByStatus
	}
	return bits
}
