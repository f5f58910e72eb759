package money

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParseQuote(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Quote
		err  error
	}{
		{"1", QuoteOne, nil},
		{"1.0850", 1_085_000_000_000, nil},
		{"0.000056712345", 56_712_345, nil},
		{"0.000000000001", 1, nil},
		{"1000000", MaxQuote, nil},
		{"1000000.1", 0, ErrOverflow},
		{"0.0000000000001", 0, ErrOverflow}, // rounded it would be nothing
		{"1.0000000000001", 0, ErrSyntax},
		{"1e3", 0, ErrSyntax}, // exponents are for wires we do not own
		{"0", 0, ErrOverflow},
		{"-1", 0, ErrOverflow},
		{"", 0, ErrSyntax},
		{"N/A", 0, ErrSyntax},
		{"1,085", 0, ErrSyntax},
	} {
		got, err := ParseQuote(c.in)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("ParseQuote(%q) = %d, %v; want %d, %v", c.in, got, err, c.want, c.err)
		}
		if err == nil {
			if back, err := ParseQuote(got.String()); back != got || err != nil {
				t.Errorf("%q came back as %v, %v", got.String(), back, err)
			}
		}
	}
}

func drawRate(t *rapid.T) Rate {
	q := rapid.Int64Range(1, int64(MaxQuote))
	return NewRate(Quote(q.Draw(t, "from")), Quote(q.Draw(t, "to")))
}

// The oracle is math/big: the exact quotient, rounded to either side.
func TestConvertRoundsOnceAgainstUs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, n := drawRate(t), rapid.Int64Range(0, int64(Cap)).Draw(t, "n")
		exact := new(big.Rat).Mul(big.NewRat(n, 1), new(big.Rat).SetFrac(new(big.Int).SetUint64(r.num), new(big.Int).SetUint64(r.den)))
		down := new(big.Int).Quo(exact.Num(), exact.Denom())
		up := new(big.Int).Set(down)
		if !exact.IsInt() {
			up.Add(up, big.NewInt(1))
		}
		for _, c := range []struct {
			do   func(Nanos) (Nanos, error)
			want *big.Int
		}{{r.Down, down}, {r.Up, up}} {
			got, err := c.do(Nanos(n))
			if c.want.Cmp(big.NewInt(int64(Cap))) > 0 {
				if !errors.Is(err, ErrOverflow) {
					t.Fatalf("%d by %v gave %d, %v; want overflow", n, r, got, err)
				}
				continue
			}
			if err != nil || c.want.Cmp(big.NewInt(int64(got))) != 0 {
				t.Fatalf("%d by %v gave %d, %v; want %v", n, r, got, err, c.want)
			}
		}
	})
}

// What is offered from a worth never costs more than it, whatever is billed up
// to the offer; and more never converts to less.
func TestConversionThereAndBackNeverCostsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRate(t)
		worth := Nanos(rapid.Int64Range(0, int64(Cap)).Draw(t, "worth"))
		bid, err := r.Down(worth)
		if err != nil {
			return
		}
		billed := Nanos(rapid.Int64Range(0, int64(bid)).Draw(t, "billed"))
		held, err1 := r.Inverse().Up(bid)
		cost, err2 := r.Inverse().Up(billed)
		if err1 != nil || err2 != nil || cost > held || held > worth {
			t.Fatalf("worth %d, bid %d holds %d, %v; billed %d costs %d, %v", worth, bid, held, err1, billed, cost, err2)
		}
	})
}

func TestConvertRefuses(t *testing.T) {
	for name, r := range map[string]Rate{"no rate": {}, "no quotes": NewRate(0, 0), "half a rate": NewRate(QuoteOne, 0), "too large": NewRate(MaxQuote+1, 1)} {
		if n, err := r.Up(Unit); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s converted to %v, %v", name, n, err)
		}
		if n, err := r.Down(Unit); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s converted to %v, %v", name, n, err)
		}
	}
	if n, err := One().Up(-1); !errors.Is(err, ErrOverflow) {
		t.Errorf("a negative amount converted to %v, %v", n, err)
	}
	if n, err := One().Down(Cap); n != Cap || err != nil {
		t.Errorf("one to one, %v became %v, %v", Cap, n, err)
	}
}

func FuzzParseQuote(f *testing.F) {
	for _, s := range []string{"1.0850", "162.35", "0.0000567", "1e-3", "-1", "N/A"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseQuote(s)
		if err != nil {
			return
		}
		if q <= 0 || q > MaxQuote {
			t.Fatalf("ParseQuote(%q) = %d", s, q)
		}
		if back, err := ParseQuote(q.String()); err != nil || back != q {
			t.Fatalf("%d printed as %q, which reads %d, %v", q, q.String(), back, err)
		}
	})
}
