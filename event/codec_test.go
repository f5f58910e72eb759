package event

import (
	"bytes"
	"encoding/hex"
	"flag"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event/pb"
	"github.com/tangent-dsp/tangent/money"
)

var rewrite = flag.Bool("rewrite", false, "write the fixture of the current schema again")

func TestEnumsEqualProtobuf(t *testing.T) {
	if len(pb.Kind_name) != len(Kinds())+1 {
		t.Errorf("protobuf has %d kinds, want %d and unknown", len(pb.Kind_name), len(Kinds()))
	}
	for _, k := range Kinds() {
		if got, want := pb.Kind_name[int32(k)], "KIND_"+strings.ToUpper(k.String()); got != want {
			t.Errorf("kind %d is %q in protobuf, want %q", k, got, want)
		}
	}
	if len(pb.PriceState_name) != len(PriceStates()) {
		t.Errorf("protobuf has %d price states, want %d", len(pb.PriceState_name), len(PriceStates()))
	}
	for _, s := range PriceStates() {
		if got, want := pb.PriceState_name[int32(s)], "PRICE_STATE_"+strings.ToUpper(s.String()); got != want {
			t.Errorf("price state %d is %q in protobuf, want %q", s, got, want)
		}
	}
}

func TestHandWrittenFieldNumbers(t *testing.T) {
	fields := (&pb.Batch{}).ProtoReflect().Descriptor().Fields()
	for name, number := range map[string]protowire.Number{
		"schema": fieldSchema, "producer": fieldProducer, "first_sequence": fieldFirst, "events": fieldEvents,
	} {
		if got := fields.ByTextName(name).Number(); got != number {
			t.Errorf("Batch.%s has number %d, code writes %d", name, got, number)
		}
	}
	fields = (&pb.Event{}).ProtoReflect().Descriptor().Fields()
	for name, number := range map[string]protowire.Number{"kind": fieldKind, "price_state": fieldPriceState} {
		if got := fields.ByTextName(name).Number(); got != number {
			t.Errorf("Event.%s has number %d, code writes %d", name, got, number)
		}
	}
}

// goldenV1 is what testdata/batch_v1.hex holds. Neither ever changes: a new
// schema gets a fixture of its own beside it.
func goldenV1() Batch {
	at := time.Date(2026, 12, 1, 23, 59, 59, 123456789, time.UTC)
	return Batch{
		Producer: 0xfeedfacecafebeef, First: 41,
		Events: []Event{
			{
				Kind: KindBilling, Bid: NewBidID(7, 1234567),
				OccurredAt: at, ReceivedAt: at.Add(time.Millisecond), IssuedAt: at.Add(-time.Minute),
				Exchange: 1, Advertiser: 2, Campaign: 3, LineItem: 4, Creative: 5, ImpIndex: 6,
				Nodes:    []NodePeriod{{Node: 11, Period: Lifetime}, {Node: 12, Period: 20261201}},
				Currency: "EUR", BidPrice: 1_230_000, Price: 1_110_001, PriceState: PriceOK,
				Billable: true, Late: true, Expired: true, Horizon: time.Hour,
				UserKey: []byte("\x01key"), LossReason: 102, MinToWin: 1_110_000,
				CatalogVersion: 17, MultiplierVersion: 18, PredictedValue: 1.5e6,
			},
			{Kind: KindImpression, Bid: NewBidID(7, 1234568), PriceState: PriceUnexpanded},
		},
	}
}

// goldenShaded is what testdata/batch_v1_shaded.hex holds: the fields that
// came to version 1 with shading.
func goldenShaded() Batch {
	b := goldenV1()
	b.Events = b.Events[:1]
	b.Events[0].Arm, b.Events[0].Landscape = 2, 0xc010203040506070
	return b
}

func TestGoldenFixtures(t *testing.T) {
	for file, want := range map[string]Batch{"testdata/batch_v1.hex": goldenV1(), "testdata/batch_v1_shaded.hex": goldenShaded()} {
		t.Run(file, func(t *testing.T) { testGolden(t, file, want) })
	}
}

func testGolden(t *testing.T, file string, want Batch) {
	if *rewrite {
		data, err := AppendBatch(nil, &want)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(hex.Dump(data)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data := readDump(t, file)
	got, err := DecodeBatch(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("fixture decodes to\n%+v, want\n%+v", got, want)
	}
	again, err := AppendBatch(nil, &want)
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("encoding of version 1 has changed (%v):\n%s", err, hex.Dump(again))
	}
}

// readDump reads what hex.Dump wrote.
func readDump(t *testing.T, file string) (data []byte) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "|")
		line = strings.Join(strings.Fields(line)[1:], "")
		b, err := hex.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, b...)
	}
	return data
}

func TestNewerVersionPassesThrough(t *testing.T) {
	// given a batch of a newer version: an envelope field, an event field,
	// a kind and a price state that this one does not know
	ev := protowire.AppendTag(nil, 2, protowire.BytesType)
	ev = protowire.AppendBytes(ev, make([]byte, 16))
	ev = protowire.AppendTag(ev, fieldKind, protowire.VarintType)
	ev = protowire.AppendVarint(ev, 300)
	ev = protowire.AppendTag(ev, fieldPriceState, protowire.VarintType)
	ev = protowire.AppendVarint(ev, 9)
	ev = protowire.AppendTag(ev, 500, protowire.BytesType)
	ev = protowire.AppendString(ev, "news")
	data := AppendHeader(nil, 1, 1)
	data = protowire.AppendTag(data, fieldEvents, protowire.BytesType)
	data = protowire.AppendBytes(data, ev)
	data = protowire.AppendTag(data, 501, protowire.VarintType)
	data = protowire.AppendVarint(data, 77)

	// when it is decoded, then what is not understood is unknown and no money
	b, err := DecodeBatch(data)
	if err != nil {
		t.Fatal(err)
	}
	if e := b.Events[0]; e.Kind != KindUnknown || e.PriceState != PriceInvalid || e.Price != 0 {
		t.Errorf("event is %v, price %v %v; want unknown and no price", e.Kind, e.Price, e.PriceState)
	}

	// and when it is encoded again, then a newer version finds it unharmed
	again, err := AppendBatch(nil, &b)
	if err != nil {
		t.Fatal(err)
	}
	var newer pb.Batch
	unmarshal(t, again, &newer)
	if e := newer.Events[0]; e.Kind != 300 || e.PriceState != 9 || !bytes.Contains(e.ProtoReflect().GetUnknown(), []byte("news")) {
		t.Errorf("after a round trip the event is %v", e)
	}
	if !bytes.Equal(newer.ProtoReflect().GetUnknown(), b.Unknown) || len(b.Unknown) == 0 {
		t.Errorf("envelope's unknown fields are %x, want %x", newer.ProtoReflect().GetUnknown(), b.Unknown)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, m := range map[string]*pb.Event{
		"no bid id":             {},
		"short bid id":          {Bid: make([]byte, 15)},
		"node without a period": {Bid: make([]byte, 16), Nodes: []int64{1}},
		"imp index of 256":      {Bid: make([]byte, 16), ImpIndex: 256},
	} {
		data := marshal(t, &pb.Batch{Events: []*pb.Event{m}})
		if _, err := DecodeBatch(data); err == nil {
			t.Errorf("%s: decoded", name)
		}
	}
	if _, err := DecodeBatch([]byte{0xff}); err == nil {
		t.Error("garbage: decoded")
	}
	if _, err := AppendBatch(nil, &Batch{Events: []Event{{Currency: "\xff"}}}); err == nil {
		t.Error("a currency that is not text was encoded")
	}
}

func TestEncodeDoesNotAllocate(t *testing.T) {
	var c Encoder
	e := goldenV1().Events[0]
	buf := make([]byte, 0, 4096)
	got := testing.AllocsPerRun(100, func() {
		if _, err := c.AppendEvent(buf, &e); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("encoding an event allocates %v times, want 0", got)
	}
}

// Whatever is appended is read again, alone or behind other events.
func TestEncodeDecodeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Batch{
			Producer: rapid.Uint64().Draw(t, "producer"),
			First:    rapid.Uint64().Draw(t, "first"),
			Events:   rapid.SliceOfN(rapid.Custom(drawEvent), 1, 4).Draw(t, "events"),
		}
		data, err := AppendBatch(nil, &want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeBatch(data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%+v, want\n%+v", got, want)
		}
	})
}

// What is written is what protobuf itself would write: of each field that is
// set, once, and in their order.
func TestEncodeAgreesWithProtobuf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Batch{Producer: 1, First: 2}
		for range rapid.IntRange(1, 3).Draw(t, "events") {
			e := drawEvent(t)
			if rapid.Bool().Draw(t, "sparse") { // most fields of most notices are zero
				e = Event{Bid: e.Bid, Kind: e.Kind, Nodes: e.Nodes, LossReason: -e.LossReason, PredictedValue: math.Copysign(0, e.PredictedValue)}
			}
			b.Events = append(b.Events, e)
		}
		got, err := AppendBatch(nil, &b)
		if err != nil {
			t.Fatal(err)
		}
		var m pb.Batch
		if err := proto.Unmarshal(got, &m); err != nil {
			t.Fatal(err)
		}
		want, err := proto.MarshalOptions{Deterministic: true}.Marshal(&m)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("got\n%x, want\n%x (%v)", got, want, err)
		}
	})
}

func drawEvent(t *rapid.T) (e Event) {
	num := func(name string) int64 { return rapid.Int64().Draw(t, name) }
	at := func(name string) time.Time { return fromNanos(num(name)) }
	copy(e.Bid[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bid"))
	e.Kind = rapid.SampledFrom(Kinds()).Draw(t, "kind")
	e.OccurredAt, e.ReceivedAt, e.IssuedAt = at("occurred"), at("received"), at("issued")
	e.Exchange, e.Advertiser = ExchangeID(num("exchange")), AdvertiserID(num("advertiser"))
	e.Campaign, e.LineItem, e.Creative = CampaignID(num("campaign")), LineItemID(num("line item")), CreativeID(num("creative"))
	e.ImpIndex = rapid.Byte().Draw(t, "imp")
	for range rapid.IntRange(0, 4).Draw(t, "nodes") {
		e.Nodes = append(e.Nodes, NodePeriod{NodeID(num("node")), Period(rapid.Int32().Draw(t, "period"))})
	}
	e.Currency = rapid.StringMatching(`[A-Z]{3}`).Draw(t, "currency")
	e.BidPrice, e.Price = money.Nanos(num("bid price")), money.Nanos(num("price"))
	e.PriceState = rapid.SampledFrom(PriceStates()).Draw(t, "price state")
	e.RateID, e.CostHeld = rapid.Uint32().Draw(t, "rate"), money.Nanos(num("held"))
	e.Impressions = Impressions(num("impressions"))
	e.Test = rapid.Bool().Draw(t, "test")
	e.Billable, e.Late, e.Expired = rapid.Bool().Draw(t, "billable"), rapid.Bool().Draw(t, "late"), rapid.Bool().Draw(t, "expired")
	e.Horizon = time.Duration(num("horizon"))
	if key := rapid.SliceOfN(rapid.Byte(), 0, 32).Draw(t, "user key"); len(key) > 0 {
		e.UserKey = key
	}
	if order := rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(t, "order"); len(order) > 0 {
		e.Order = order
	}
	e.OrderValue, e.Verified, e.ClickedAt = money.Nanos(num("order value")), rapid.Bool().Draw(t, "verified"), at("clicked")
	e.LossReason, e.MinToWin = rapid.Int32().Draw(t, "loss"), money.Nanos(num("min to win"))
	e.CatalogVersion, e.MultiplierVersion = rapid.Uint64().Draw(t, "catalog"), rapid.Uint64().Draw(t, "multiplier")
	e.PredictedValue = rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "value")
	e.Arm, e.Landscape = rapid.Uint16().Draw(t, "arm"), rapid.Uint64().Draw(t, "landscape")
	return e
}
