package event

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"
)

// Stable ids. They leave the process, are never reused, and are assigned by
// the campaign store, counting from 1. Zero means none.
type (
	AdvertiserID int64
	CampaignID   int64
	LineItemID   int64
	CreativeID   int64
	ExchangeID   int64
	NodeID       int64 // a budget node
	SegmentID    uint32
)

// NodePeriod is one budget: a node, and the period that its amount is for.
type NodePeriod struct {
	Node   NodeID
	Period Period
}

// Period is the day a daily budget is for, as yyyymmdd in the advertiser's
// time zone, or [Lifetime]. It is fixed when the bid leaves: a bid at 23:59
// bills to that day, whenever the bill arrives.
type Period int32

// Lifetime is the period of a budget for the whole flight.
const Lifetime Period = 0

// PeriodOf returns the day that a time is on, in its own zone.
func PeriodOf(t time.Time) Period {
	y, m, d := t.Date()
	return Period(y*10000 + int(m)*100 + d)
}

// Date returns the day as 2006-01-02, or "" for a lifetime.
func (p Period) Date() string {
	if p == Lifetime {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", p/10000, p/100%100, p%100)
}

// BidID names one bid for ever, across machines and restarts: the incarnation
// of the bidder that made it (64 bits, from the ledger) and its sequence in
// that incarnation (64 bits), both big-endian. It is the hold's key, the
// event's key and the token's nonce, so it must never repeat.
type BidID [16]byte

// NewBidID returns the id of bid number seq of an incarnation.
func NewBidID(incarnation, seq uint64) (id BidID) {
	binary.BigEndian.PutUint64(id[:8], incarnation)
	binary.BigEndian.PutUint64(id[8:], seq)
	return id
}

// Incarnation returns the bidder start that made the bid.
func (id BidID) Incarnation() uint64 { return binary.BigEndian.Uint64(id[:8]) }

// Sequence returns the bid's number within its incarnation.
func (id BidID) Sequence() uint64 { return binary.BigEndian.Uint64(id[8:]) }

// String returns 32 hexadecimal digits.
func (id BidID) String() string { return hex.EncodeToString(id[:]) }

// AppendHex appends 32 hexadecimal digits to b.
func (id BidID) AppendHex(b []byte) []byte { return hex.AppendEncode(b, id[:]) }

// ParseBidID reads the text of String.
func ParseBidID(s string) (id BidID, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, fmt.Errorf("cannot read bid id %.40q: want 32 hexadecimal digits", s)
	}
	return BidID(b), nil
}

// BidIDs hands out the ids of one incarnation. It is safe for concurrent use.
type BidIDs struct {
	incarnation uint64
	last        atomic.Uint64
}

// NewBidIDs returns a source of ids that starts at sequence 1. An incarnation
// must have one source only.
func NewBidIDs(incarnation uint64) *BidIDs { return &BidIDs{incarnation: incarnation} }

// Next returns an id that was never returned before.
func (s *BidIDs) Next() BidID { return NewBidID(s.incarnation, s.last.Add(1)) }
