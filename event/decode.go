package event

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tangent-dsp/tangent/event/pb"
	"github.com/tangent-dsp/tangent/money"
)

// DecodeBatch decodes what [AppendBatch] encoded, or an older or newer
// version did. What it does not know it keeps in Unknown. The result does not
// alias data. It is written by hand, as every consumer of the log decodes every
// event: protobuf's own decoder makes a message of each, of seven pieces, that
// is then copied.
func DecodeBatch(data []byte) (Batch, error) {
	b, err := decodeBatch(bytes.Clone(data)) // of which the keys and what is unknown are parts
	if err != nil {
		return Batch{}, err
	}
	return b, nil
}

func decodeBatch(data []byte) (b Batch, err error) {
	var events [][]byte
	for rest := data; len(rest) > 0; {
		f, n := nextField(rest)
		if n < 0 {
			return b, fmt.Errorf("cannot decode batch of %d bytes: %w", len(data), protowire.ParseError(n))
		}
		switch f.tag {
		case uint64(fieldSchema)<<3 | varint:
		case uint64(fieldProducer)<<3 | fixed64:
			b.Producer = f.number
		case uint64(fieldFirst)<<3 | varint:
			b.First = f.number
		case uint64(fieldEvents)<<3 | packed:
			events = append(events, f.bytes)
		default:
			b.Unknown = append(b.Unknown, rest[:n]...)
		}
		rest = rest[n:]
	}
	if len(events) > 0 {
		b.Events = make([]Event, len(events))
	}
	d := decoder{nodes: make([]NodePeriod, 0, 4*len(events))}
	for i, raw := range events {
		if err := d.event(&b.Events[i], raw); err != nil {
			return b, fmt.Errorf("cannot decode event %d of batch %x-%d: %w", i, b.Producer, b.First, err)
		}
	}
	return b, nil
}

// decoder decodes the events of one batch.
type decoder struct {
	nodes    []NodePeriod // of all events
	ids      []NodeID     // of one event
	periods  []Period
	bid      []byte
	kind     int32
	state    int32
	imp      uint32
	currency string // of the last event that had one
}

func (d *decoder) event(e *Event, data []byte) error {
	d.ids, d.periods, d.bid, d.kind, d.state, d.imp = d.ids[:0], d.periods[:0], nil, 0, 0, 0
	for len(data) > 0 {
		f, n := nextField(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		known, err := d.take(e, &f)
		if err != nil {
			return err
		}
		if !known {
			e.Unknown = append(e.Unknown, data[:n]...)
		}
		data = data[n:]
	}
	switch {
	case len(d.bid) != len(e.Bid):
		return fmt.Errorf("bid id has %d bytes, want %d", len(d.bid), len(e.Bid))
	case len(d.ids) != len(d.periods):
		return fmt.Errorf("%d budget nodes have %d periods", len(d.ids), len(d.periods))
	case d.imp > 255:
		return fmt.Errorf("imp index is %d, want at most 255", d.imp)
	}
	e.Bid, e.ImpIndex = BidID(d.bid), uint8(d.imp)
	if from := len(d.nodes); len(d.ids) > 0 {
		for i, id := range d.ids {
			d.nodes = append(d.nodes, NodePeriod{Node: id, Period: d.periods[i]})
		}
		e.Nodes = d.nodes[from:len(d.nodes):len(d.nodes)]
	}
	// An enum value from a newer version is kept like an unknown field: of
	// two values of a field the later counts, and Unknown is written last.
	if _, ok := pb.Kind_name[d.kind]; ok {
		e.Kind = Kind(d.kind)
	} else {
		e.Unknown = appendEnum(e.Unknown, fieldKind, d.kind)
	}
	if _, ok := pb.PriceState_name[d.state]; ok {
		e.PriceState = PriceState(d.state)
	} else {
		e.PriceState, e.Price = PriceInvalid, 0
		e.Unknown = appendEnum(e.Unknown, fieldPriceState, d.state)
	}
	return nil
}

// take reads one field of pb.Event. A field that has another type than its own
// is unknown, as it is to protobuf.
func (d *decoder) take(e *Event, f *field) (known bool, err error) {
	switch v := f.number; f.tag {
	case 1<<3 | varint:
		d.kind = int32(v)
	case 2<<3 | packed:
		d.bid = f.bytes
	case 3<<3 | fixed64:
		e.OccurredAt = fromNanos(int64(v))
	case 4<<3 | fixed64:
		e.ReceivedAt = fromNanos(int64(v))
	case 5<<3 | fixed64:
		e.IssuedAt = fromNanos(int64(v))
	case 6<<3 | varint:
		e.Exchange = ExchangeID(v)
	case 7<<3 | varint:
		e.Advertiser = AdvertiserID(v)
	case 8<<3 | varint:
		e.Campaign = CampaignID(v)
	case 9<<3 | varint:
		e.LineItem = LineItemID(v)
	case 10<<3 | varint:
		e.Creative = CreativeID(v)
	case 11<<3 | varint:
		d.imp = uint32(v)
	case 12<<3 | varint:
		d.ids = append(d.ids, NodeID(v))
	case 12<<3 | packed:
		err = eachNumber(f.bytes, func(v uint64) { d.ids = append(d.ids, NodeID(v)) })
	case 13<<3 | varint:
		d.periods = append(d.periods, Period(v))
	case 13<<3 | packed:
		err = eachNumber(f.bytes, func(v uint64) { d.periods = append(d.periods, Period(v)) })
	case 14<<3 | packed:
		err = d.setCurrency(e, f.bytes)
	case 15<<3 | varint:
		e.BidPrice = money.Nanos(v)
	case 16<<3 | varint:
		e.Price = money.Nanos(v)
	case 17<<3 | varint:
		d.state = int32(v)
	case 18<<3 | varint:
		e.Billable = protowire.DecodeBool(v)
	case 19<<3 | varint:
		e.Late = protowire.DecodeBool(v)
	case 20<<3 | varint:
		e.Expired = protowire.DecodeBool(v)
	case 21<<3 | varint:
		e.Horizon = time.Duration(v)
	case 22<<3 | packed:
		e.UserKey = orNil(f.bytes)
	case 23<<3 | varint:
		e.LossReason = int32(v)
	case 24<<3 | varint:
		e.MinToWin = money.Nanos(v)
	case 25<<3 | varint:
		e.CatalogVersion = v
	case 26<<3 | varint:
		e.MultiplierVersion = v
	case 27<<3 | fixed64:
		e.PredictedValue = math.Float64frombits(v)
	case 28<<3 | varint:
		e.RateID = uint32(v)
	case 29<<3 | varint:
		e.CostHeld = money.Nanos(v)
	case 30<<3 | varint:
		e.Test = protowire.DecodeBool(v)
	case 31<<3 | packed:
		e.Order = orNil(f.bytes)
	case 32<<3 | varint:
		e.OrderValue = money.Nanos(v)
	case 33<<3 | varint:
		e.Verified = protowire.DecodeBool(v)
	case 34<<3 | fixed64:
		e.ClickedAt = fromNanos(int64(v))
	case 35<<3 | varint:
		e.Arm = uint16(v)
	case 36<<3 | fixed64:
		e.Landscape = v
	case 37<<3 | varint:
		e.Impressions = Impressions(v)
	default:
		return false, nil
	}
	return true, err
}

// setCurrency makes no new text where the last event's will do.
func (d *decoder) setCurrency(e *Event, b []byte) error {
	if !utf8.Valid(b) {
		return errors.New("the currency is no text")
	}
	if d.currency != string(b) {
		d.currency = string(b)
	}
	e.Currency = d.currency
	return nil
}

func appendEnum(dst []byte, field protowire.Number, v int32) []byte {
	dst = protowire.AppendTag(dst, field, protowire.VarintType)
	return protowire.AppendVarint(dst, uint64(int64(v)))
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
