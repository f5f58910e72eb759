package app

import (
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/natslog"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// owners brings win and loss notices to whoever holds the bid: this process,
// or a bidder elsewhere, as any bidder takes any notice. A hint that is lost on
// its way only keeps a hold longer; money moves by the log alone.
type owners struct {
	own   uint64 // our incarnation
	holds *pacing.Holds
	log   *natslog.Log
}

// Won tells the owner of a bid that it won, at a price below 0 if none was
// told.
func (o *owners) Won(bid event.BidID, price money.Nanos, heard pacing.Heard, now time.Time) {
	if bid.Incarnation() == o.own {
		o.holds.Hear(bid, heard)
		o.holds.Won(bid, price, now)
		return
	}
	o.tell(event.Hint{Bid: bid, Kind: event.KindWin, Price: max(price, event.NoPrice)}, heard)
}

// Told notes how late an exchange's notices come, whosever bids they are of.
func (o *owners) Told(exchange event.ExchangeID, kind event.Kind, age time.Duration) {
	o.holds.Told(exchange, kind, age)
}

// Lost tells the owner of a bid that it lost.
func (o *owners) Lost(bid event.BidID, heard pacing.Heard, now time.Time) {
	if bid.Incarnation() == o.own {
		o.holds.Hear(bid, heard)
		o.holds.Lost(bid, now)
		return
	}
	o.tell(event.Hint{Bid: bid, Kind: event.KindLoss, Price: event.NoPrice}, heard)
}

func (o *owners) tell(h event.Hint, heard pacing.Heard) {
	h.AuctionPrice, h.MinToWin, h.Unpriced = heard.Price, heard.MinToWin, heard.Unpriced
	var message [event.HintSize]byte
	_ = o.log.Tell(h.Bid.Incarnation(), event.AppendHint(message[:0], h)) // it may be lost
}

// listen takes the hints that are for our bids, until stop is called.
func (o *owners) listen(now func() time.Time) (stop func(), err error) {
	stop, err = o.log.Listen(o.own, func(message []byte) {
		_ = event.DecodeHints(message, func(h event.Hint) { // what no version writes is no hint
			o.holds.Hear(h.Bid, pacing.Heard{Price: h.AuctionPrice, MinToWin: h.MinToWin, Unpriced: h.Unpriced})
			switch h.Kind {
			case event.KindWin:
				o.holds.Won(h.Bid, h.Price, now())
			case event.KindLoss:
				o.holds.Lost(h.Bid, now())
			}
		})
	})
	if err != nil {
		return nil, fmt.Errorf("cannot listen for notices that others take: %w", err)
	}
	return stop, nil
}
