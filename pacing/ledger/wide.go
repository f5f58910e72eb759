package ledger

import (
	"math"

	"github.com/tangent-dsp/tangent/money"
)

// wide is a sum for which int64 nanos are too small: what is booked in a
// currency of small units is beyond nine billion of them within weeks. Its
// value is units + rest * 1e-9; in the database each has a column.
type wide struct {
	units int64
	rest  int64 // nanos, less than a unit, either sign
}

func (w *wide) add(n money.Nanos) {
	w.rest += int64(n % money.Unit)
	w.units += int64(n/money.Unit) + w.rest/int64(money.Unit)
	w.rest %= int64(money.Unit)
}

// nanos returns the sum, or the most or least that an amount can be.
func (w wide) nanos() money.Nanos {
	switch { // of one sign, so that units fit where the sum does
	case w.units < 0 && w.rest > 0:
		w.units, w.rest = w.units+1, w.rest-int64(money.Unit)
	case w.units > 0 && w.rest < 0:
		w.units, w.rest = w.units-1, w.rest+int64(money.Unit)
	}
	units, err := money.MulDiv(money.Nanos(w.units), int64(money.Unit), 1)
	if err == nil {
		if units, err = money.Add(units, money.Nanos(w.rest)); err == nil {
			return units
		}
	}
	if w.units < 0 {
		return math.MinInt64
	}
	return math.MaxInt64
}

// clipped adds amounts of which there is no row, only a number to be told.
func clipped(a, b money.Nanos) money.Nanos {
	var w wide
	w.add(a)
	w.add(b)
	return w.nanos()
}

// addWideRows adds a wide column and its units in an upsert into
// ledger_totals. Division and remainder of both databases are those of Go:
// towards zero.
func addWideRows(column string) string {
	t, e := "ledger_totals."+column, "excluded."+column
	return column + " = (" + t + " + " + e + ") % 1000000000, " +
		column + "_units = " + t + "_units + " + e + "_units + (" + t + " + " + e + ") / 1000000000"
}
