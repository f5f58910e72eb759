package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Result says what Book did with its events. Every event is counted in one of
// Booked, Duplicates, Expired, Ignored, Orders and Clicks.
type Result struct {
	Booked     int
	Duplicates int // the bid was booked before, by any kind of notice
	Expired    int // too late to book: kept for reconciliation
	Ignored    int // nothing to pay
	Orders     int // conversions, told before or not
	Clicks     int // told before or not
	Late       int // of Booked: after the horizon
	Unpriced   int // of Booked: no readable price, booked at the bid
	Unrated    int // of Booked: its exchange rates are not there, booked at what the bid held
	// Sums over currencies, for where there is but one.
	Amount   money.Nanos // media cost
	Disputed money.Nanos
	Overrun  money.Nanos
}

// booking is a bid that is about to be booked.
type booking struct {
	*event.Event
	bill
	paid
	cost    money.Nanos // what the advertiser pays, which budgets bear
	cover   []cover     // of each node
	overrun money.Nanos
}

// cover says what paid for a booking at one node.
type cover struct {
	fromSlice, fromFree, overrun money.Nanos
}

// Book books what there is to pay in events, in one transaction: all or, on
// an error, nothing. Events may come twice, late and in any order: the same
// events book the same money. Orders of conversions and clicks are counted
// beside, and move none.
//
// What the advertiser pays, in its currency and fees included, is booked on
// budgets. At each of
// its nodes a booking is taken from the slice of the incarnation
// that made the bid, then from what is free, and the rest is overrun.
func (l *Ledger) Book(ctx context.Context, events []event.Event) (Result, error) {
	var result Result
	var bills []booking
	var expired []*event.Event
	var orders map[orderKey]*event.Event
	var clicks []*event.Event
	seen := make(map[event.BidID]bool, len(events))
	for i := range events {
		e := &events[i]
		if key, counts := conversionOf(e); counts {
			result.Orders++
			if orders == nil {
				orders = make(map[orderKey]*event.Event)
			}
			if first := orders[key]; first == nil || e.Verified && !first.Verified {
				orders[key] = e
			}
			continue
		}
		if counts(e) {
			result.Clicks++
			clicks = append(clicks, e)
			continue
		}
		switch b, pays := billOf(e); {
		case !pays, e.Kind == event.KindConversion: // which never moves a budget's money
			result.Ignored++
		case e.Expired:
			result.Expired++
			expired = append(expired, e)
		case seen[e.Bid]:
			result.Duplicates++
		default:
			seen[e.Bid] = true
			bills = append(bills, booking{Event: e, bill: b})
		}
	}
	if len(bills)+len(expired)+len(orders)+len(clicks) == 0 {
		return result, nil
	}
	all := result
	err := l.inTx(ctx, func(tx *sql.Tx) error {
		result = all
		if err := writeConversions(ctx, tx, orders); err != nil {
			return err
		}
		if len(bills)+len(expired)+len(clicks) == 0 {
			return nil
		}
		return book(ctx, tx, bills, expired, clicks, &result)
	})
	if err != nil {
		return Result{}, fmt.Errorf("cannot book %d events: %w", len(events), err)
	}
	return result, nil
}

func book(ctx context.Context, tx *sql.Tx, bills []booking, expired, clicks []*event.Event, result *Result) error {
	// The counter's row is locked until the commit, so cursors become visible
	// in their order and a reader that went past one never misses another.
	var cursor int64
	err := tx.QueryRowContext(ctx, `UPDATE ledger_counters SET value = value WHERE name = 'booking' RETURNING value`).Scan(&cursor)
	if err != nil {
		return err
	}
	known, err := booked(ctx, tx, bills)
	if err != nil {
		return err
	}
	fresh := bills[:0:0]
	for _, b := range bills {
		if known[b.Bid] {
			result.Duplicates++
			continue
		}
		fresh = append(fresh, b)
	}
	totals := newTotals()
	if err := totals.expire(ctx, tx, expired); err != nil {
		return err
	}
	sums, err := countClicks(ctx, tx, clicks)
	if err != nil {
		return err
	}
	if len(fresh) > 0 {
		if err := setCosts(ctx, tx, fresh); err != nil {
			return err
		}
		moved, err := coverAll(ctx, tx, fresh)
		if err != nil {
			return err
		}
		for i := range fresh {
			totals.book(&fresh[i], result)
		}
		if err := writeBookings(ctx, tx, cursor, fresh); err != nil {
			return err
		}
		if err := addToBalances(ctx, tx, moved); err != nil {
			return err
		}
		addSpent(sums, fresh)
		if err := addToDays(ctx, tx, fresh); err != nil {
			return err
		}
		if err := addShading(ctx, tx, shaded(fresh)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE ledger_counters SET value = $1 WHERE name = 'booking'`, cursor+int64(len(fresh)))
		if err != nil {
			return err
		}
	}
	if err := addToLineItems(ctx, tx, sums); err != nil {
		return err
	}
	return totals.write(ctx, tx)
}

// booked returns which of the bids were booked before.
func booked(ctx context.Context, tx *sql.Tx, bills []booking) (map[event.BidID]bool, error) {
	known := make(map[event.BidID]bool)
	for chunk := range slices.Chunk(bills, 4*rowsPerStatement) {
		ids := make([]any, 0, len(chunk))
		for i := range chunk {
			ids = append(ids, chunk[i].Bid.String())
		}
		ids = padded(ids)
		r, err := tx.QueryContext(ctx, `SELECT bid_id FROM bookings WHERE bid_id IN `+in(1, len(ids)), ids...)
		err = scanAll(r, err, func(r *sql.Rows) error {
			var text string
			if err := r.Scan(&text); err != nil {
				return err
			}
			id, err := event.ParseBidID(text)
			known[id] = true
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot look bids up: %w", err)
		}
	}
	return known, nil
}

// movement is what bookings add to a balance, its outstanding sum apart.
type movement struct {
	booked, media, overrun, disputed money.Nanos
	bookings                         int64
}

// coverAll decides what pays for each booking, in their order, and takes it
// from the slices.
func coverAll(ctx context.Context, tx *sql.Tx, bills []booking) (map[event.NodePeriod]movement, error) {
	var nodes []event.NodePeriod
	var keys []sliceKey
	for i := range bills {
		for _, n := range bills[i].Nodes {
			nodes = append(nodes, n)
			keys = append(keys, sliceKey{int64(bills[i].Bid.Incarnation()), n})
		}
	}
	balances, err := lockBalances(ctx, tx, order(nodes))
	if err != nil {
		return nil, err
	}
	left, err := readSlices(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	changes := make(map[sliceKey]change)
	moved := make(map[event.NodePeriod]movement, len(balances))
	for i := range bills {
		b := &bills[i]
		b.cover = make([]cover, len(b.Nodes))
		for j, n := range b.Nodes {
			key, c := sliceKey{int64(b.Bid.Incarnation()), n}, &b.cover[j]
			balance := balances[n]
			c.fromSlice = min(b.cost, left[key])
			c.fromFree = balance.cover(b.cost - c.fromSlice)
			c.overrun = b.cost - c.fromSlice - c.fromFree
			b.overrun = max(b.overrun, c.overrun)
			if c.fromSlice > 0 {
				left[key] -= c.fromSlice
				balance.outstanding -= c.fromSlice
				change := changes[key]
				change.booked += c.fromSlice
				changes[key] = change
			}
			if balance.booked, err = money.Add(balance.booked, b.cost); err != nil {
				return nil, err
			}
			m := moved[n]
			m.booked += b.cost
			m.media += b.media
			m.overrun += c.overrun
			m.disputed = addDisputed(m.disputed, b.paid.disputed)
			m.bookings++
			moved[n] = m
		}
	}
	return moved, applyChanges(ctx, tx, changes)
}
