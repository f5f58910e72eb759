package event

import (
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tangent-dsp/tangent/event/pb"
	"github.com/tangent-dsp/tangent/money"
)

// DecodeBatch decodes what [AppendBatch] encoded, or an older or newer
// version did. What it does not know it keeps in Unknown. The result does not
// alias data.
func DecodeBatch(data []byte) (Batch, error) {
	var m pb.Batch
	if err := proto.Unmarshal(data, &m); err != nil {
		return Batch{}, fmt.Errorf("cannot decode batch of %d bytes: %w", len(data), err)
	}
	b := Batch{Producer: m.Producer, First: m.FirstSequence, Unknown: unknown(m.ProtoReflect().GetUnknown())}
	if n := len(m.Events); n > 0 {
		b.Events = make([]Event, n)
	}
	for i, e := range m.Events {
		if err := decode(&b.Events[i], e); err != nil {
			return Batch{}, fmt.Errorf("cannot decode event %d of batch %x-%d: %w", i, b.Producer, b.First, err)
		}
	}
	return b, nil
}

func decode(e *Event, m *pb.Event) error {
	if len(m.Bid) != len(e.Bid) {
		return fmt.Errorf("bid id has %d bytes, want %d", len(m.Bid), len(e.Bid))
	}
	if len(m.Nodes) != len(m.Periods) {
		return fmt.Errorf("%d budget nodes have %d periods", len(m.Nodes), len(m.Periods))
	}
	if m.ImpIndex > 255 {
		return fmt.Errorf("imp index is %d, want at most 255", m.ImpIndex)
	}
	*e = Event{
		Bid:               BidID(m.Bid),
		OccurredAt:        fromNanos(m.OccurredAt),
		ReceivedAt:        fromNanos(m.ReceivedAt),
		IssuedAt:          fromNanos(m.IssuedAt),
		Exchange:          ExchangeID(m.Exchange),
		Advertiser:        AdvertiserID(m.Advertiser),
		Campaign:          CampaignID(m.Campaign),
		LineItem:          LineItemID(m.LineItem),
		Creative:          CreativeID(m.Creative),
		ImpIndex:          uint8(m.ImpIndex),
		Currency:          m.Currency,
		BidPrice:          money.Nanos(m.BidPrice),
		Price:             money.Nanos(m.Price),
		Impressions:       Impressions(m.Impressions),
		RateID:            m.RateId,
		CostHeld:          money.Nanos(m.CostHeld),
		Test:              m.Test,
		Billable:          m.Billable,
		Late:              m.Late,
		Expired:           m.Expired,
		Horizon:           time.Duration(m.Horizon),
		LossReason:        m.LossReason,
		MinToWin:          money.Nanos(m.MinToWin),
		CatalogVersion:    m.CatalogVersion,
		MultiplierVersion: m.MultiplierVersion,
		PredictedValue:    m.PredictedValue,
		Arm:               uint16(m.Arm),
		Landscape:         m.Landscape,
		OrderValue:        money.Nanos(m.OrderValue),
		Verified:          m.Verified,
		ClickedAt:         fromNanos(m.ClickedAt),
		Unknown:           unknown(m.ProtoReflect().GetUnknown()),
	}
	if len(m.UserKey) > 0 {
		e.UserKey = m.UserKey
	}
	if len(m.Order) > 0 {
		e.Order = m.Order
	}
	if n := len(m.Nodes); n > 0 {
		e.Nodes = make([]NodePeriod, n)
	}
	for i := range e.Nodes {
		e.Nodes[i] = NodePeriod{Node: NodeID(m.Nodes[i]), Period: Period(m.Periods[i])}
	}
	// An enum value from a newer version is kept like an unknown field: of
	// two values of a field the later counts, and Unknown is written last.
	if _, ok := pb.Kind_name[int32(m.Kind)]; ok {
		e.Kind = Kind(m.Kind)
	} else {
		e.Unknown = appendEnum(e.Unknown, fieldKind, int32(m.Kind))
	}
	if _, ok := pb.PriceState_name[int32(m.PriceState)]; ok {
		e.PriceState = PriceState(m.PriceState)
	} else {
		e.PriceState, e.Price = PriceInvalid, 0
		e.Unknown = appendEnum(e.Unknown, fieldPriceState, int32(m.PriceState))
	}
	return nil
}

func appendEnum(dst []byte, field protowire.Number, v int32) []byte {
	dst = protowire.AppendTag(dst, field, protowire.VarintType)
	return protowire.AppendVarint(dst, uint64(int64(v)))
}

// unknown returns a copy, nil if there is nothing.
func unknown(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return slices.Clone(b)
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
