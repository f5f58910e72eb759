package chaos

import (
	"math/big"
	"testing"

	"github.com/tangent-dsp/tangent/money"
)

func TestConverted(t *testing.T) {
	p := &payers{rates: map[uint32]*big.Rat{1: big.NewRat(5, 4), 2: big.NewRat(6, 5)}}
	for _, c := range []struct {
		bill, media money.Nanos
		currency    string
		table       uint32
		want        bool
	}{
		{10, 8, euros, 1, true},
		{10, 9, euros, 2, true}, // 8.33
		{10, 8, euros, 2, false},
		{12, 10, euros, 2, true},
		{12, 11, euros, 2, false},
		{10, 8, euros, 3, false},
		{10, 10, euros, 0, false},
		{10, 10, "USD", 0, true},
		{10, 8, "USD", 1, false},
		{0, 0, euros, 1, true},
	} {
		if got := p.converted(c.bill, c.media, c.currency, c.table); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
