package central

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// Every field that a controller is given is on the wire: one that is added and
// forgotten here would be zero for all but the bidder that counted it.
func TestEveryFieldIsCarried(t *testing.T) {
	for _, c := range []struct {
		of   any
		keys int
		want int
	}{
		{pacing.Sum{}, 1, sumInts + sumFloats},
		{pacing.NodeSum{}, 1, nodeInts},
		{pacing.Sums{}, 1, 2}, // Observed is read where the controller is
	} {
		if n := reflect.TypeOf(c.of).NumField() - c.keys; n != c.want {
			t.Errorf("%T has %d fields beside its key, and %d are carried", c.of, n, c.want)
		}
	}
	var s pacing.Sum
	ints, floats := sumFields(&s)
	for i, p := range ints {
		*p = int64(i + 1)
	}
	for i, p := range floats {
		*p = float64(i + 1)
	}
	if v := reflect.ValueOf(s); true {
		for i := 1; i < v.NumField(); i++ {
			if v.Field(i).IsZero() {
				t.Errorf("field %s of a sum is not carried", v.Type().Field(i).Name)
			}
		}
	}
	var n pacing.NodeSum
	for i, p := range nodeFields(&n) {
		*p = int64(i + 1)
	}
	if v := reflect.ValueOf(n); true {
		for i := 1; i < v.NumField(); i++ {
			if v.Field(i).IsZero() {
				t.Errorf("field %s of a budget is not carried", v.Type().Field(i).Name)
			}
		}
	}
}

func drawMessage(t *rapid.T) message {
	count := rapid.Int64Min(0)
	amount := rapid.Map(count, func(n int64) money.Nanos { return money.Nanos(n) })
	value := rapid.Float64Range(0, 1e300)
	return message{
		kind: rapid.SampledFrom([]byte{kindReport, kindWord}).Draw(t, "kind"), flags: rapid.Byte().Draw(t, "flags"),
		from: rapid.Uint64().Draw(t, "from"), seq: rapid.Uint64().Draw(t, "seq"),
		at: rapid.Int64().Draw(t, "at"), began: rapid.Int64().Draw(t, "began"), parts: 1,
		sums: rapid.SliceOf(rapid.Custom(func(t *rapid.T) pacing.Sum {
			return pacing.Sum{
				LineItem: event.LineItemID(rapid.Int64().Draw(t, "id")), Opportunities: count.Draw(t, "n"), Bids: count.Draw(t, "bids"),
				Censored: count.Draw(t, "censored"), Value: value.Draw(t, "value"), Offered: amount.Draw(t, "offered"),
				Expected: amount.Draw(t, "expected"), Outcomes: value.Draw(t, "outcomes"),
			}
		})).Draw(t, "sums"),
		nodes: rapid.SliceOf(rapid.Custom(func(t *rapid.T) pacing.NodeSum {
			return pacing.NodeSum{
				NodePeriod: event.NodePeriod{Node: event.NodeID(rapid.Int64().Draw(t, "id")), Period: event.Period(rapid.Int32().Draw(t, "period"))},
				Limit:      amount.Draw(t, "limit"), Booked: money.Nanos(rapid.Int64().Draw(t, "booked")), Own: amount.Draw(t, "own"),
				Pending: amount.Draw(t, "pending"), Young: amount.Draw(t, "young"), Matured: amount.Draw(t, "matured"), Worth: amount.Draw(t, "worth"),
			}
		})).Draw(t, "nodes"),
		prices: rapid.SliceOf(rapid.Custom(func(t *rapid.T) price {
			return price{pacing.Price{PriceKey: pacing.PriceKey{Node: event.NodeID(rapid.Int64().Draw(t, "id")), LineItem: event.LineItemID(rapid.Int64().Draw(t, "line item"))}, Log: rapid.Float64Range(-maxLog, maxLog).Draw(t, "log")}, value.Draw(t, "rate")}
		})).Draw(t, "prices"),
		set: rapid.SliceOf(rapid.Custom(func(t *rapid.T) multiplier {
			return multiplier{event.LineItemID(rapid.Int64().Draw(t, "id")), rapid.Float64Range(1e-300, 1).Draw(t, "of")}
		})).Draw(t, "set"),
	}
}

func TestMessageRoundTrip(t *testing.T) {
	var got message
	rapid.Check(t, func(t *rapid.T) {
		m := drawMessage(t)
		b := m.encode(nil)
		if err := got.decode(b); err != nil {
			t.Fatal(err)
		}
		if again := got.encode(nil); !bytes.Equal(b, again) {
			t.Fatalf("%+v\ncame back as\n%+v", m, got)
		}
		// A wrong byte, and a piece of it, are found out.
		bad := bytes.Clone(b)
		bad[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if got.decode(bad) == nil {
			t.Fatal("a flipped bit went through")
		}
		if got.decode(b[:rapid.IntRange(0, len(b)-1).Draw(t, "length")]) == nil {
			t.Fatal("a piece went through")
		}
	})
}

// What a newer version adds at the end of rows, and tables of its own, are
// skipped.
func TestNewerCellsAreSkipped(t *testing.T) {
	m := message{kind: kindWord, parts: 1}
	b := m.body(nil)
	b = append(b, tableSet, 4, 1 /* row */, 14)
	for _, x := range []uint64{reversed(0.5), 77, 78} {
		for x >= 0x80 {
			b, x = append(b, byte(x)|0x80), x>>7
		}
		b = append(b, byte(x))
	}
	b = append(b, 99, 2, 2, 1, 2, 3, 4)
	if err := m.parse(b); err != nil || len(m.set) != 1 || m.set[0] != (multiplier{7, 0.5}) {
		t.Errorf("got %v, %+v", err, m.set)
	}
}

func TestManyRowsAreSplit(t *testing.T) {
	m := message{kind: kindReport, seq: 3}
	for i := range 10_000 {
		m.sums = append(m.sums, pacing.Sum{LineItem: event.LineItemID(i), Opportunities: 1 << 60, Bids: 1 << 60, Censored: 1 << 60, Value: 1.1, Offered: 1 << 60, Expected: 1 << 60, Outcomes: 1.1})
		m.nodes = append(m.nodes, pacing.NodeSum{NodePeriod: event.NodePeriod{Node: event.NodeID(i)}, Limit: 1 << 60, Own: 1 << 60, Booked: 1 << 60, Pending: 1 << 60, Young: 1 << 60, Matured: 1 << 60, Worth: 1 << 60})
	}
	parts := m.split()
	sums, nodes := 0, 0
	for i, p := range parts {
		b := p.encode(nil)
		var got message
		if err := got.decode(b); err != nil || len(b) > maxMessage-1024 {
			t.Fatalf("part %d: %v, %d bytes", i, err, len(b))
		}
		if got.part != i || got.parts != len(parts) {
			t.Errorf("part %d of %d says it is %d of %d", i, len(parts), got.part, got.parts)
		}
		sums, nodes = sums+len(got.sums), nodes+len(got.nodes)
	}
	if sums != 10_000 || nodes != 10_000 {
		t.Errorf("%d sums and %d nodes arrived", sums, nodes)
	}
}

func FuzzMessage(f *testing.F) {
	whole := message{
		kind: kindReport, from: 1, seq: 2, at: 3, began: -4, parts: 1, sums: met(3, 4).LineItems, nodes: met(3, 4).Nodes,
		prices: []price{{pacing.Price{PriceKey: pacing.PriceKey{Node: 1}, Log: 2.5}, 3}}, set: []multiplier{{1, 0.25}},
	}
	f.Add(whole.body(nil))
	f.Add([]byte{version, kindWord, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, again message
		if m.parse(b) != nil {
			return
		}
		if err := again.decode(m.encode(nil)); err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if len(m.sums)+len(m.nodes)+len(m.prices)+len(m.set) > maxRows {
			t.Fatal("too many rows")
		}
	})
}
