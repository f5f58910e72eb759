package openrtb

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Response is a bid response (section 4.2). All of it is read, none is kept.
type Response struct {
	RequestID []byte
	BidID     event.BidID // bidid, left out when zero
	Seat      string
	Currency  string // of every price
	Bids      []Bid
}

// Bid is an offer for one impression (section 4.2.3). The URLs are absolute
// and may end in macros for the exchange to fill in; empty ones are left out.
type Bid struct {
	ID       event.BidID
	ImpID    []byte
	Price    money.Nanos // per impression; the wire carries CPM
	Creative *CreativeWire
	Exp      int    // seconds from auction to impression that we accept, 0 to leave out
	NURL     []byte // win notice
	BURL     []byte // billing notice
	LURL     []byte // loss notice
	Pixel    []byte // our impression pixel, added to the markup
	Click    []byte // our click redirect, for ${CLICK_URL}
	DealID   []byte
}

// AppendResponse appends the JSON of r to dst, without allocating when dst has
// room.
func AppendResponse(dst []byte, r *Response) []byte { return dst }

// AppendNoBid appends the JSON of a response without bids: id and nbr.
func AppendNoBid(dst, requestID []byte, reason Reason) []byte { return dst }
