package event

import (
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Schema is the version of the envelope that this program writes. It reads
// older ones, and keeps what newer ones add.
const Schema = 1

// Field numbers of pb.Batch and of pb.Event that are written by hand.
const (
	fieldSchema     protowire.Number = 1
	fieldProducer   protowire.Number = 2
	fieldFirst      protowire.Number = 3
	fieldEvents     protowire.Number = 4
	fieldKind       protowire.Number = 1
	fieldPriceState protowire.Number = 17
)

// HeaderSize is the most that [AppendHeader] appends, in bytes.
const HeaderSize = 1 + 5 + 1 + 8 + 1 + 10

// AppendHeader appends the beginning of an encoded batch; events appended by
// [Encoder.AppendEvent] complete it. Protobuf lets messages be concatenated
// so, which is why many goroutines can encode into one batch.
func AppendHeader(dst []byte, producer, first uint64) []byte {
	dst = protowire.AppendTag(dst, fieldSchema, protowire.VarintType)
	dst = protowire.AppendVarint(dst, Schema)
	dst = protowire.AppendTag(dst, fieldProducer, protowire.Fixed64Type)
	dst = protowire.AppendFixed64(dst, producer)
	dst = protowire.AppendTag(dst, fieldFirst, protowire.VarintType)
	return protowire.AppendVarint(dst, first)
}

// Encoder encodes events without allocating. It is not safe for concurrent
// use; the zero value is ready. It is written by hand, as the decoder is: to
// fill protobuf's own message, measure and write it takes twice as long.
type Encoder struct{ event []byte }

// AppendEvent appends e as one entry of a batch. It keeps nothing of e.
func (c *Encoder) AppendEvent(dst []byte, e *Event) ([]byte, error) {
	if !utf8.ValidString(e.Currency) {
		return nil, fmt.Errorf("cannot encode %v event of bid %v: its currency is no text", e.Kind, e.Bid)
	}
	c.event = appendEvent(c.event[:0], e)
	dst = protowire.AppendTag(dst, fieldEvents, protowire.BytesType)
	return protowire.AppendBytes(dst, c.event), nil
}

// appendEvent appends e as a pb.Event: what is set, in the order of its fields,
// and then what is unknown, as protobuf does.
func appendEvent(b []byte, e *Event) []byte {
	b = appendNumber(b, fieldKind, uint64(e.Kind))
	b = appendBytes(b, 2, e.Bid[:])
	b = appendFixed(b, 3, uint64(nanos(e.OccurredAt)))
	b = appendFixed(b, 4, uint64(nanos(e.ReceivedAt)))
	b = appendFixed(b, 5, uint64(nanos(e.IssuedAt)))
	b = appendNumber(b, 6, uint64(e.Exchange))
	b = appendNumber(b, 7, uint64(e.Advertiser))
	b = appendNumber(b, 8, uint64(e.Campaign))
	b = appendNumber(b, 9, uint64(e.LineItem))
	b = appendNumber(b, 10, uint64(e.Creative))
	b = appendNumber(b, 11, uint64(e.ImpIndex))
	b = appendNodes(b, e.Nodes)
	b = appendBytes(b, 14, e.Currency)
	b = appendNumber(b, 15, uint64(e.BidPrice))
	b = appendNumber(b, 16, uint64(e.Price))
	b = appendNumber(b, fieldPriceState, uint64(e.PriceState))
	b = appendNumber(b, 18, protowire.EncodeBool(e.Billable))
	b = appendNumber(b, 19, protowire.EncodeBool(e.Late))
	b = appendNumber(b, 20, protowire.EncodeBool(e.Expired))
	b = appendNumber(b, 21, uint64(e.Horizon))
	b = appendBytes(b, 22, e.UserKey)
	b = appendNumber(b, 23, uint64(e.LossReason))
	b = appendNumber(b, 24, uint64(e.MinToWin))
	b = appendNumber(b, 25, e.CatalogVersion)
	b = appendNumber(b, 26, e.MultiplierVersion)
	b = appendFixed(b, 27, math.Float64bits(e.PredictedValue))
	b = appendNumber(b, 28, uint64(e.RateID))
	b = appendNumber(b, 29, uint64(e.CostHeld))
	b = appendNumber(b, 30, protowire.EncodeBool(e.Test))
	b = appendBytes(b, 31, e.Order)
	b = appendNumber(b, 32, uint64(e.OrderValue))
	b = appendNumber(b, 33, protowire.EncodeBool(e.Verified))
	b = appendFixed(b, 34, uint64(nanos(e.ClickedAt)))
	b = appendNumber(b, 35, uint64(e.Arm))
	b = appendFixed(b, 36, e.Landscape)
	b = appendNumber(b, 37, uint64(e.Impressions))
	return append(b, e.Unknown...)
}

// appendNodes appends budgets as two lists, see pb.Event.
func appendNodes(b []byte, nodes []NodePeriod) []byte {
	if len(nodes) == 0 {
		return b
	}
	ids, periods := 0, 0
	for _, n := range nodes {
		ids += protowire.SizeVarint(uint64(n.Node))
		periods += protowire.SizeVarint(uint64(n.Period))
	}
	b = protowire.AppendTag(b, 12, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(ids))
	for _, n := range nodes {
		b = protowire.AppendVarint(b, uint64(n.Node))
	}
	b = protowire.AppendTag(b, 13, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(periods))
	for _, n := range nodes {
		b = protowire.AppendVarint(b, uint64(n.Period))
	}
	return b
}

// AppendBatch appends b encoded. Sequence and Redelivered belong to the log
// and are not written.
func AppendBatch(dst []byte, b *Batch) ([]byte, error) {
	dst = AppendHeader(dst, b.Producer, b.First)
	var c Encoder
	for i := range b.Events {
		var err error
		if dst, err = c.AppendEvent(dst, &b.Events[i]); err != nil {
			return nil, err
		}
	}
	return append(dst, b.Unknown...), nil
}

// nanos returns unix nanoseconds, 0 for the zero time.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
