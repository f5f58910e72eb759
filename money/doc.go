// Package money answers: what is an amount?
//
// An amount is a [Nanos]: a whole number of billionths of one currency unit.
// One impression at a CPM price in micros is a whole number of nanos, so no
// price that an exchange can state at six decimals is ever rounded. Amounts
// are added with overflow checks, capped at [Cap], and cross JSON as decimal
// strings. The one rounding rule is half away from zero, applied where a
// decimal with more digits than an amount has enters ([Parse], [ParseCPM]).
//
// Where a currency becomes another, a [Rate] does it, as an exact fraction that
// is rounded once, against us: what is offered is rounded down, what is owed or
// has to be reached up. So a price that was converted from what an impression
// is worth never costs more than that, converted back.
//
// A currency belongs to a boundary (a budget, a request, a notice), not to
// each number: two amounts that meet are of one currency because their owner
// said so.
//
// This package must never hold an amount that is owed in a float, and never
// convert currencies silently.
package money
