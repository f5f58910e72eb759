package event

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tangent-dsp/tangent/event/pb"
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
// use; the zero value is ready.
type Encoder struct{ m pb.Event }

// AppendEvent appends e as one entry of a batch. It keeps nothing of e.
func (c *Encoder) AppendEvent(dst []byte, e *Event) ([]byte, error) {
	m := &c.m
	nodes, periods := m.Nodes[:0], m.Periods[:0]
	for _, n := range e.Nodes {
		nodes = append(nodes, int64(n.Node))
		periods = append(periods, int32(n.Period))
	}
	m.Kind = pb.Kind(e.Kind)
	m.Bid = e.Bid[:]
	m.OccurredAt, m.ReceivedAt, m.IssuedAt = nanos(e.OccurredAt), nanos(e.ReceivedAt), nanos(e.IssuedAt)
	m.Exchange = int64(e.Exchange)
	m.Advertiser, m.Campaign = int64(e.Advertiser), int64(e.Campaign)
	m.LineItem, m.Creative = int64(e.LineItem), int64(e.Creative)
	m.ImpIndex = uint32(e.ImpIndex)
	m.Nodes, m.Periods = nodes, periods
	m.Currency = e.Currency
	m.BidPrice, m.Price = int64(e.BidPrice), int64(e.Price)
	m.PriceState = pb.PriceState(e.PriceState)
	m.RateId, m.CostHeld = e.RateID, int64(e.CostHeld)
	m.Impressions = int64(e.Impressions)
	m.Test, m.Billable, m.Late, m.Expired = e.Test, e.Billable, e.Late, e.Expired
	m.Horizon = int64(e.Horizon)
	m.UserKey = e.UserKey
	m.LossReason, m.MinToWin = e.LossReason, int64(e.MinToWin)
	m.CatalogVersion, m.MultiplierVersion = e.CatalogVersion, e.MultiplierVersion
	m.PredictedValue = e.PredictedValue
	m.Arm, m.Landscape = uint32(e.Arm), e.Landscape
	m.Order, m.OrderValue, m.Verified, m.ClickedAt = e.Order, int64(e.OrderValue), e.Verified, nanos(e.ClickedAt)
	m.ProtoReflect().SetUnknown(e.Unknown)

	opts := proto.MarshalOptions{}
	dst = protowire.AppendTag(dst, fieldEvents, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(opts.Size(m)))
	opts.UseCachedSize = true
	out, err := opts.MarshalAppend(dst, m)
	m.Bid, m.UserKey, m.Order, m.Currency = nil, nil, nil, "" // keep nothing of the caller's alive
	m.ProtoReflect().SetUnknown(nil)
	if err != nil {
		return nil, fmt.Errorf("cannot encode %v event of bid %v: %w", e.Kind, e.Bid, err)
	}
	return out, nil
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
