package openrtb

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// maxPayload is the most that appendPayload appends: every number at its
// longest.
const maxPayload = 17*binary.MaxVarintLen64 + // issue time to quantity, one each
	1 + 1 + 1 + // billing event, flags, count of nodes
	MaxNodes*2*binary.MaxVarintLen64 +
	3 + 8 + // currency, predicted value
	1 + MaxUserKey

// The flags of a payload.
const (
	flagTest     = 1 // the bid was for a test request
	flagQuantity = 2 // it has a quantity, which most have not
)

// appendPayload appends the fields of t but Bid and Imp, which the header
// carries. Numbers are unsigned varints, for URLs are long enough; the order
// is fixed by the version, and a golden test holds it.
func (t *Token) appendPayload(b []byte) []byte {
	b = binary.AppendVarint(b, t.Issued.UnixMilli())
	b = binary.AppendUvarint(b, uint64(t.Exchange))
	b = binary.AppendUvarint(b, uint64(t.AuctionType))
	var flags byte
	if t.Test {
		flags |= flagTest
	}
	if t.Quantity != 0 {
		flags |= flagQuantity
	}
	b = append(b, byte(t.BillingEvent), flags)
	b = binary.AppendUvarint(b, uint64(t.Advertiser))
	b = binary.AppendUvarint(b, uint64(t.Campaign))
	b = binary.AppendUvarint(b, uint64(t.LineItem))
	b = binary.AppendUvarint(b, uint64(t.Creative))
	b = append(b, byte(t.NodeCount))
	for _, n := range t.Nodes[:t.NodeCount] {
		b = binary.AppendUvarint(b, uint64(n.Node))
		b = binary.AppendUvarint(b, uint64(uint32(n.Period)))
	}
	b = binary.AppendUvarint(b, uint64(t.Price))
	b = append(b, t.Currency[:]...)
	b = binary.AppendUvarint(b, uint64(t.RateID))
	b = binary.AppendUvarint(b, uint64(t.CostHeld))
	b = binary.AppendUvarint(b, uint64(t.Horizon.Milliseconds()))
	b = binary.AppendUvarint(b, t.CatalogVersion)
	b = binary.AppendUvarint(b, t.MultiplierVersion)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(t.PredictedValue))
	b = binary.AppendUvarint(b, t.Landscape)
	b = binary.AppendUvarint(b, uint64(t.Arm))
	b = binary.AppendUvarint(b, t.Deal)
	if t.Quantity != 0 {
		b = binary.AppendUvarint(b, uint64(t.Quantity))
	}
	b = append(b, byte(len(t.UserKey)))
	return append(b, t.UserKey...)
}

// readPayload is the inverse of appendPayload. It returns false when b is not
// exactly one payload.
func (t *Token) readPayload(b []byte) bool {
	r := payloadReader{b: b}
	t.Issued = time.UnixMilli(r.varint()).UTC()
	t.Exchange = event.ExchangeID(r.uvarint())
	t.AuctionType = int(r.uvarint())
	t.BillingEvent = event.Kind(r.byte())
	flags := r.byte()
	t.Test = flags&flagTest != 0
	t.Advertiser = event.AdvertiserID(r.uvarint())
	t.Campaign = event.CampaignID(r.uvarint())
	t.LineItem = event.LineItemID(r.uvarint())
	t.Creative = event.CreativeID(r.uvarint())
	t.NodeCount = int(r.byte())
	if t.NodeCount > MaxNodes {
		return false
	}
	for i := range t.NodeCount {
		t.Nodes[i].Node = event.NodeID(r.uvarint())
		t.Nodes[i].Period = event.Period(uint32(r.uvarint()))
	}
	t.Price = money.Nanos(r.uvarint())
	copy(t.Currency[:], r.take(3))
	t.RateID = uint32(r.uvarint())
	t.CostHeld = money.Nanos(r.uvarint())
	t.Horizon = time.Duration(r.uvarint()) * time.Millisecond
	t.CatalogVersion = r.uvarint()
	t.MultiplierVersion = r.uvarint()
	if v := r.take(8); v != nil {
		t.PredictedValue = math.Float64frombits(binary.BigEndian.Uint64(v))
	}
	t.Landscape = r.uvarint()
	t.Arm = uint16(r.uvarint())
	t.Deal = r.uvarint()
	if flags&flagQuantity != 0 {
		t.Quantity = Quantity(r.uvarint())
	}
	if n := int(r.byte()); n > MaxUserKey {
		return false
	} else if n > 0 {
		t.UserKey = append([]byte(nil), r.take(n)...)
	}
	return !r.bad && len(r.b) == 0
}

// payloadReader reads a payload from its front. After the first failure it
// is bad, and reads zeros.
type payloadReader struct {
	b   []byte
	bad bool
}

func (r *payloadReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	return v * r.advance(n)
}

func (r *payloadReader) varint() int64 {
	v, n := binary.Varint(r.b)
	return v * int64(r.advance(n))
}

// advance skips n bytes and returns 1, or fails and returns 0.
func (r *payloadReader) advance(n int) uint64 {
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return 1
}

func (r *payloadReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// take returns the next n bytes, or fails and returns nil.
func (r *payloadReader) take(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}
