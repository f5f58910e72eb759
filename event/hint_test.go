package event

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/money"
)

func TestHintsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Hint {
			return Hint{
				Bid:   NewBidID(rapid.Uint64().Draw(t, "incarnation"), rapid.Uint64().Draw(t, "sequence")),
				Kind:  rapid.SampledFrom([]Kind{KindWin, KindLoss, KindBilling}).Draw(t, "kind"),
				Price: money.Nanos(rapid.Int64Range(int64(NoPrice), math.MaxInt64).Draw(t, "price")),

				AuctionPrice: money.Nanos(rapid.Int64Range(0, 2).Draw(t, "auction price")),
				MinToWin:     money.Nanos(rapid.Int64Range(0, 2).Draw(t, "min to win")),
				Unpriced:     rapid.Bool().Draw(t, "unpriced"),
			}
		})).Draw(t, "hints")
		var data []byte
		for _, h := range want {
			data = AppendHint(data, h)
		}
		if len(data) > len(want)*HintSize {
			t.Fatalf("%d hints take %d bytes, want at most %d each", len(want), len(data), HintSize)
		}
		var got []Hint
		if err := DecodeHints(data, func(h Hint) { got = append(got, h) }); err != nil || !slices.Equal(got, want) {
			t.Fatalf("decoded %v (%v), want %v", got, err, want)
		}
	})
}

func TestWhatIsNoHint(t *testing.T) {
	good := AppendHint(nil, Hint{Bid: NewBidID(1, 2), Kind: KindWin, Price: 3})
	change := func(at int, to byte) []byte {
		data := bytes.Clone(good)
		data[at] = to
		return data
	}
	for name, data := range map[string][]byte{
		"cut short":          good[:len(good)-1],
		"newer version":      change(0, 3),
		"longer version":     change(0, 2),
		"kind of no notice":  change(1, byte(KindClick)),
		"kind of no meaning": change(1, 200),
		"price below none":   change(18, 0xff),
	} {
		if err := DecodeHints(data, func(Hint) { t.Errorf("%s: was handled", name) }); err == nil {
			t.Errorf("%s: no error", name)
		}
		// What stands before it in the same message counts.
		handled := 0
		err := DecodeHints(append(bytes.Clone(good), data...), func(Hint) { handled++ })
		if err == nil || handled != 1 {
			t.Errorf("%s after a good one: %d handled, error %v; want 1 and an error", name, handled, err)
		}
	}
}

func TestHintsTakeNoMemory(t *testing.T) {
	buf := make([]byte, 0, HintSize)
	h := Hint{Bid: NewBidID(1, 2), Kind: KindWin, Price: 3}
	sum := money.Nanos(0)
	n := testing.AllocsPerRun(100, func() {
		buf = AppendHint(buf[:0], h)
		DecodeHints(buf, func(h Hint) { sum += h.Price })
	})
	if n != 0 {
		t.Errorf("a hint takes %v allocations, want 0", n)
	}
}

// Whatever another machine sends, what is accepted is the same when encoded.
func FuzzDecodeHints(f *testing.F) {
	one := AppendHint(nil, Hint{Bid: NewBidID(1, 2), Kind: KindWin, Price: 1_000_000})
	f.Add(one)
	f.Add(AppendHint(one, Hint{Bid: NewBidID(3, 4), Kind: KindLoss, Price: NoPrice}))
	f.Add(one[:7])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var again []byte
		err := DecodeHints(data, func(h Hint) { again = AppendHint(again, h) })
		if !bytes.HasPrefix(data, again) || err == nil && len(again) != len(data) {
			t.Fatalf("%x was decoded as %x (%v)", data, again, err)
		}
	})
}
