package money

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in      string
		want    Nanos
		wantErr error
	}{
		{"0", 0, nil},
		{"1", Unit, nil},
		{"-1.5", -1500 * Micro * 1000, nil},
		{"0.000000001", Nano, nil},
		{"0.0000000005", Nano, nil}, // half away from zero
		{"-0.0000000005", -Nano, nil},
		{"0.00000000049", 0, nil},
		{"00012.50", 12_500_000_000, nil},
		{".5", 500_000_000, nil},
		{"5.", 5 * Unit, nil},
		{"1e-3", 1_000_000, nil},
		{"2.5E2", 250 * Unit, nil},
		{"1000000000", Cap, nil},
		{"1000000000.000000001", 0, ErrOverflow},
		{"123456789012345678901234567890", 0, ErrOverflow},
		{"1e300", 0, ErrOverflow},
		{"", 0, ErrSyntax},
		{"-", 0, ErrSyntax},
		{".", 0, ErrSyntax},
		{"1.2.3", 0, ErrSyntax},
		{"1,5", 0, ErrSyntax},
		{"1e", 0, ErrSyntax},
		{"1e99999999999999999999", 0, ErrSyntax},
		{"NaN", 0, ErrSyntax},
		{"0x10", 0, ErrSyntax},
		{" 1", 0, ErrSyntax},
		{"${AUCTION_PRICE}", 0, ErrSyntax},
		{"0.00000000000000000000000000000000000000000000001", 0, ErrSyntax}, // too long to be honest
	} {
		got, err := Parse(c.in)
		if got != c.want || !errors.Is(err, c.wantErr) {
			t.Errorf("Parse(%q) = %d, %v; want %d, %v", c.in, got, err, c.want, c.wantErr)
		}
	}
}

func TestParseCPMIsExactAtSixDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// given a CPM price in millionths
		micros := rapid.Int64Range(0, int64(Cap)).Draw(t, "micros")
		text := string(Nanos(micros).AppendCPM(nil))

		// when it is read as a price for one impression
		got, err := ParseCPM(text)

		// then it is that many nanos
		if err != nil || got != Nanos(micros) {
			t.Fatalf("ParseCPM(%q) = %d, %v; want %d", text, got, err, micros)
		}
	})
}

// The oracle is math/big: round half away from zero at nine decimals.
func TestParseRoundsLikeRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,9}(\.[0-9]{1,14})?(e-?[0-9])?`).Draw(t, "text")
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("oracle cannot read %q", text)
		}
		r.Mul(r, big.NewRat(int64(Unit), 1))
		half := big.NewRat(1, 2)
		if r.Sign() < 0 {
			half.Neg(half)
		}
		r.Add(r, half)
		want := new(big.Int).Quo(r.Num(), r.Denom())

		got, err := Parse(text)
		if new(big.Int).Abs(want).Cmp(big.NewInt(int64(Cap))) > 0 {
			if !errors.Is(err, ErrOverflow) {
				t.Fatalf("Parse(%q) = %d, %v; want overflow", text, got, err)
			}
			return
		}
		if err != nil || want.Cmp(big.NewInt(int64(got))) != 0 {
			t.Fatalf("Parse(%q) = %d, %v; want %v", text, got, err, want)
		}
	})
}

func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Nanos(rapid.Int64Range(-int64(Cap), int64(Cap)).Draw(t, "n"))
		b, err := json.Marshal(map[string]Nanos{"amount": n})
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]Nanos
		if err := json.Unmarshal(b, &back); err != nil || back["amount"] != n {
			t.Fatalf("%s came back as %d, %v", b, back["amount"], err)
		}
	})
}

func TestUnmarshalRefusesWhatItWouldRound(t *testing.T) {
	for _, in := range []string{`"0.0000000001"`, `"1e-3"`, `1.5`, `"x"`, `""`} {
		n := Nanos(7)
		if err := json.Unmarshal([]byte(in), &n); err == nil || n != 7 {
			t.Errorf("%s was read as %v, %v", in, n, err)
		}
	}
}

func TestSumsAreChecked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Nanos(rapid.Int64().Draw(t, "a"))
		b := Nanos(rapid.Int64().Draw(t, "b"))
		for _, op := range []struct {
			got  func() (Nanos, error)
			want *big.Int
		}{
			{func() (Nanos, error) { return Add(a, b) }, new(big.Int).Add(big.NewInt(int64(a)), big.NewInt(int64(b)))},
			{func() (Nanos, error) { return Sub(a, b) }, new(big.Int).Sub(big.NewInt(int64(a)), big.NewInt(int64(b)))},
		} {
			got, err := op.got()
			if !op.want.IsInt64() {
				if !errors.Is(err, ErrOverflow) {
					t.Fatalf("%d, %d gave %d, %v; want overflow", a, b, got, err)
				}
			} else if err != nil || int64(got) != op.want.Int64() {
				t.Fatalf("%d, %d gave %d, %v; want %v", a, b, got, err, op.want)
			}
		}
	})
}

func TestMulDiv(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64().Draw(t, "a")
		num := rapid.Int64Range(0, math.MaxInt64).Draw(t, "num")
		den := rapid.Int64Range(1, math.MaxInt64).Draw(t, "den")
		x := new(big.Int).Mul(new(big.Int).Abs(big.NewInt(a)), big.NewInt(num))
		x.Add(x, big.NewInt(den/2)).Quo(x, big.NewInt(den))
		if a < 0 {
			x.Neg(x)
		}
		got, err := MulDiv(Nanos(a), num, den)
		if !x.IsInt64() || x.Int64() == math.MinInt64 {
			if !errors.Is(err, ErrOverflow) {
				t.Fatalf("MulDiv(%d, %d, %d) = %d, %v; want overflow", a, num, den, got, err)
			}
			return
		}
		if err != nil || int64(got) != x.Int64() {
			t.Fatalf("MulDiv(%d, %d, %d) = %d, %v; want %v", a, num, den, got, err, x)
		}
	})
}

func TestFromFloatOffersNothingOnDoubt(t *testing.T) {
	for _, f := range []float64{math.NaN(), math.Inf(-1), -1, 0, 0.99} {
		if got := FromFloat(f); got != 0 {
			t.Errorf("FromFloat(%v) = %d; want 0", f, got)
		}
	}
	if got := FromFloat(math.Inf(1)); got != Cap {
		t.Errorf("FromFloat(+Inf) = %d; want the cap", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1.25", "-0", "1e-9", "9999999999", "${AUCTION_PRICE}", "١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s)
		if err == nil && (n > Cap || n < -Cap) {
			t.Fatalf("Parse(%q) = %d is beyond the cap", s, n)
		}
		if err == nil {
			if back, err := Parse(n.String()); err != nil || back != n {
				t.Fatalf("%d printed as %q, which reads %d, %v", n, n.String(), back, err)
			}
		}
	})
}
