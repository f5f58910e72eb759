package openrtb

import (
	"strconv"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Response is a bid response (section 4.2). All of it is read, none is kept.
type Response struct {
	RequestID []byte
	BidID     event.BidID // bidid, left out when zero
	Seat      string      // of bids that name none; left out when empty
	Currency  string      // of every price
	Bids      []Bid       // at least one; see AppendNoBid
	Dialect   *Dialect    // nil for OpenRTB 2.6 as it is written
}

// Bid is an offer for one impression (section 4.2.3). The URLs are absolute
// and may end in macros for the exchange to fill in; empty ones are left out.
type Bid struct {
	ID       event.BidID
	ImpID    []byte
	Seat     string        // in whose name it is; empty for the response's
	Price    money.Nanos   // per impression; the wire carries CPM
	Creative *CreativeWire // must not be nil
	Exp      int           // seconds from auction to impression that we accept, 0 to leave out
	NURL     []byte        // win notice
	BURL     []byte        // billing notice
	LURL     []byte        // loss notice
	Pixel    []byte        // our impression pixel, for ${PIXEL_URL}, or added to the end of HTML
	Click    []byte        // our click redirect, for ${CLICK_URL}
	DealID   []byte
	Signals  *Signals // for the macros of third parties; nil for none
	Shown    Shown
	AdID     string // adid: the exchange's own id of the creative, told whatever the dialect; empty for the creative's id where the dialect has adid
	API      int    // framework that the imp has, of those of Creative; 0 for the first of them
	Taxonomy int    // cattax to tell categories in, if the exchange reads it: the request's; 0 for the dialect's
	AdM      []byte // of a native creative: the JSON value of adm, see package native
	Slot     int    // slotinpod: where in the pod we want to be; 0 anywhere
}

// AppendResponse appends the JSON of r to dst, without allocating when dst has
// room. It is valid JSON whatever the texts hold.
func AppendResponse(dst []byte, r *Response) []byte {
	d := r.Dialect
	if d == nil {
		d = &generic
	}
	dst = append(dst, `{"id":`...)
	dst = appendQuoted(dst, r.RequestID)
	if d.Fields.Has(FieldBidID) && r.BidID != (event.BidID{}) {
		dst = append(dst, `,"bidid":"`...)
		dst = append(r.BidID.AppendHex(dst), '"')
	}
	dst = append(dst, `,"cur":`...)
	dst = appendQuotedString(dst, r.Currency)
	dst = append(dst, `,"seatbid":[`...)
	for i := range r.Bids {
		if seat := r.seat(i); !r.seated(seat, i) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = r.appendSeat(dst, seat, i, d)
		}
	}
	return append(dst, `]}`...)
}

func (r *Response) seat(i int) string {
	if seat := r.Bids[i].Seat; seat != "" {
		return seat
	}
	return r.Seat
}

// seated says whether one of the first n bids is a seat's.
func (r *Response) seated(seat string, n int) bool {
	for i := range n {
		if r.seat(i) == seat {
			return true
		}
	}
	return false
}

// appendSeat appends the bids of a seat, of which the first is given.
func (r *Response) appendSeat(dst []byte, seat string, first int, d *Dialect) []byte {
	dst = append(dst, '{')
	if seat != "" {
		dst = append(dst, `"seat":`...)
		dst = append(appendQuotedString(dst, seat), ',')
	}
	dst = append(dst, `"bid":[`...)
	for i := first; i < len(r.Bids); i++ {
		if r.seat(i) != seat {
			continue
		}
		if i > first {
			dst = append(dst, ',')
		}
		dst = appendBid(dst, &r.Bids[i], d)
	}
	return append(dst, `]}`...)
}

func appendBid(dst []byte, b *Bid, d *Dialect) []byte {
	dst = append(dst, `{"id":"`...)
	dst = b.ID.AppendHex(dst)
	dst = append(dst, `","impid":`...)
	dst = appendQuoted(dst, b.ImpID)
	dst = append(dst, `,"price":`...)
	dst = b.Price.AppendCPM(dst)
	if b.Exp > 0 && d.Fields.Has(FieldExp) {
		dst = appendNumber(dst, `,"exp":`, b.Exp)
	}
	if b.Slot != 0 && d.Fields.Has(FieldSlotInPod) {
		dst = appendNumber(dst, `,"slotinpod":`, b.Slot)
	}
	if d.Fields.Has(FieldNURL) {
		dst = appendText(dst, `,"nurl":`, b.NURL)
	}
	if d.Fields.Has(FieldBURL) {
		dst = appendText(dst, `,"burl":`, b.BURL)
	}
	if d.Fields.Has(FieldLURL) {
		dst = appendText(dst, `,"lurl":`, b.LURL)
	}
	dst = appendText(dst, `,"dealid":`, b.DealID)
	dst = b.Creative.append(append(dst, ','), d, b)
	if b.Creative.kind == MarkupNative {
		name := `,"adm":`
		if d.Native == NativeADM {
			name = `,"adm_native":`
		}
		return append(append(append(dst, name...), b.AdM...), '}')
	}
	dst = append(dst, `,"adm":"`...)
	dst = b.Creative.markup.Append(dst, b)
	return append(dst, `"}`...)
}

// appendText appends a member, or nothing when its text is empty.
func appendText(dst []byte, name string, text []byte) []byte {
	if len(text) == 0 {
		return dst
	}
	return appendQuoted(append(dst, name...), text)
}

// AppendNoBid appends the JSON of a response without bids: the request's id
// and the reason's code (list "No-Bid Reason Codes").
func AppendNoBid(dst, requestID []byte, reason Reason) []byte {
	dst = append(dst, `{"id":`...)
	dst = appendQuoted(dst, requestID)
	dst = append(dst, `,"nbr":`...)
	dst = strconv.AppendInt(dst, int64(reason.Info().NBR), 10)
	return append(dst, '}')
}
