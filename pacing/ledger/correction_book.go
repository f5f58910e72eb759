package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// entry is a correction that is about to be booked.
type entry struct {
	Correction
	// What Amount is in the advertiser's currency, by which table of rates.
	currency string
	media    money.Nanos
	table    uint32

	cost    money.Nanos // what the advertiser pays, which budgets move by
	nodes   []event.NodePeriod
	moves   []movement // of each node: only booked and overrun
	overrun money.Nanos

	reverses int64         // the correction that it takes back, or 0
	back     []money.Nanos // then: what that one moved, of each node
}

// lockCorrections makes those who correct wait for each other, and returns the
// last id: the counter's row is locked until the commit.
func lockCorrections(ctx context.Context, tx *sql.Tx) (last int64, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE ledger_counters SET value = value WHERE name = 'correction' RETURNING value`).Scan(&last)
	return last, err
}

func bookCorrections(ctx context.Context, tx *sql.Tx, now time.Time, after *int64, all []Correction, result *Corrected) error {
	id, err := lockCorrections(ctx, tx)
	if err != nil {
		return err
	}
	entries := make([]entry, len(all))
	for i := range all {
		entries[i].Correction = all[i]
	}
	if err := findAccounts(ctx, tx, entries); err != nil {
		return err
	}
	if err := setCorrectionCosts(ctx, tx, entries); err != nil {
		return err
	}
	fresh, err := unknownEntries(ctx, tx, entries)
	if err != nil {
		return err
	}
	result.Known = len(entries) - len(fresh)
	if len(fresh) == 0 {
		return nil
	}
	if after != nil {
		var last int64
		if err := tx.QueryRowContext(ctx, lastCorrection, int64(fresh[0].Exchange)).Scan(&last); err != nil {
			return err
		}
		if last != *after {
			return ErrCorrected
		}
	}
	if err := findNodes(ctx, tx, fresh); err != nil {
		return err
	}
	moved, err := move(ctx, tx, fresh)
	if err != nil {
		return err
	}
	return writeAll(ctx, tx, now, id, fresh, moved, result)
}

// writeAll writes entries and what they moved.
func writeAll(ctx context.Context, tx *sql.Tx, now time.Time, after int64, entries []entry, moved map[event.NodePeriod]movement, result *Corrected) error {
	if err := writeCorrections(ctx, tx, now, after, entries); err != nil {
		return err
	}
	if err := addToBalances(ctx, tx, moved); err != nil {
		return err
	}
	if err := addToTotals(ctx, tx, entries, result); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE ledger_counters SET value = $1 WHERE name = 'correction'`, after+int64(len(entries)))
	return err
}

// entryKey is what one reference books once: of a credit it is all that the
// advertiser has of that reference, of a report's line one of its reasons.
type entryKey struct {
	exchange  event.ExchangeID
	reference string
	credited  event.AdvertiserID // 0: reconciled
	entryContent
}

// entryContent is what an entry is for.
type entryContent struct {
	kind     CorrectionKind
	day      event.Period
	campaign event.CampaignID
	lineItem event.LineItemID
	reason   string
}

// bookedAs is what has to be the same when a reference comes again.
type bookedAs struct {
	entryContent
	amount money.Nanos
}

func (c *Correction) key() (entryKey, bookedAs) {
	content := entryContent{c.Kind, c.Day, c.Campaign, c.LineItem, c.Reason}
	k := entryKey{exchange: c.Exchange, reference: c.Reference}
	if c.Kind == Reconciled {
		k.entryContent = content
	} else {
		k.credited = c.Advertiser
	}
	return k, bookedAs{content, c.Amount}
}

// unknownEntries returns those that were not booked before, each once.
func unknownEntries(ctx context.Context, tx *sql.Tx, entries []entry) ([]entry, error) {
	var references []any
	seen := make(map[string]bool)
	for i := range entries {
		if r := entries[i].Reference; !seen[r] {
			seen[r] = true
			references = append(references, r)
		}
	}
	known := make(map[entryKey]bookedAs)
	for chunk := range slices.Chunk(references, valuesPerStatement) {
		r, err := tx.QueryContext(ctx, `SELECT kind, exchange, reference, day, advertiser, campaign, line_item, reason, amount FROM corrections
			WHERE exchange = $1 AND reference IN `+in(2, len(chunk)), append([]any{int64(entries[0].Exchange)}, chunk...)...)
		err = scanAll(r, err, func(r *sql.Rows) error {
			var c Correction
			err := r.Scan(&c.Kind, &c.Exchange, &c.Reference, &c.Day, &c.Advertiser, &c.Campaign, &c.LineItem, &c.Reason, &c.Amount)
			k, as := c.key()
			known[k] = as
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot look references up: %w", err)
		}
	}
	fresh := entries[:0:0]
	for i := range entries {
		k, as := entries[i].key()
		before, booked := known[k]
		if booked && before != as {
			return nil, fmt.Errorf("%q: %w", k.reference, ErrReference)
		}
		if !booked {
			known[k] = as
			fresh = append(fresh, entries[i])
		}
	}
	return fresh, nil
}

// findAccounts fills in what a line item or a campaign belongs to.
func findAccounts(ctx context.Context, tx *sql.Tx, entries []entry) error {
	var lineItems, campaigns []any
	asked := make(map[Account]Account)
	for i := range entries {
		short := entries[i].short()
		if _, twice := asked[short]; twice {
			continue
		}
		asked[short] = Account{}
		if short.LineItem != 0 {
			lineItems = append(lineItems, int64(short.LineItem))
		} else {
			campaigns = append(campaigns, int64(short.Campaign))
		}
	}
	for _, o := range []struct {
		query string
		ids   []any
		short func(Account) Account
	}{
		{`SELECT advertiser_id, campaign_id, id FROM line_items WHERE id IN `, lineItems, func(a Account) Account { return Account{LineItem: a.LineItem} }},
		{`SELECT advertiser_id, id, 0 FROM campaigns WHERE id IN `, campaigns, func(a Account) Account { return Account{Campaign: a.Campaign} }},
	} {
		for chunk := range slices.Chunk(o.ids, valuesPerStatement) {
			r, err := tx.QueryContext(ctx, o.query+in(1, len(chunk)), chunk...)
			err = scanAll(r, err, func(r *sql.Rows) error {
				var a Account
				err := r.Scan(&a.Advertiser, &a.Campaign, &a.LineItem)
				asked[o.short(a)] = a
				return err
			})
			if err != nil {
				return fmt.Errorf("cannot look accounts up: %w", err)
			}
		}
	}
	for i := range entries {
		e := &entries[i]
		a := asked[e.short()]
		if a.Campaign == 0 || e.Campaign != 0 && e.Campaign != a.Campaign || e.Advertiser != 0 && e.Advertiser != a.Advertiser {
			return fmt.Errorf("advertiser %d, campaign %d, line item %d: %w", e.Advertiser, e.Campaign, e.LineItem, ErrAccount)
		}
		e.Account = a
	}
	return nil
}

// short returns the part of an account that names it.
func (a Account) short() Account {
	if a.LineItem != 0 {
		return Account{LineItem: a.LineItem}
	}
	return Account{Campaign: a.Campaign}
}

// move locks the balances of corrections and decides, in their order, what
// each moves.
func move(ctx context.Context, tx *sql.Tx, entries []entry) (map[event.NodePeriod]movement, error) {
	var nodes []event.NodePeriod
	for i := range entries {
		nodes = append(nodes, entries[i].nodes...)
	}
	nodes = order(nodes)
	balances, err := lockBalances(ctx, tx, nodes)
	if err != nil {
		return nil, err
	}
	overruns := make(map[event.NodePeriod]money.Nanos, len(nodes))
	for chunk := range slices.Chunk(nodes, rowsPerStatement) {
		where, args := whereNodes(chunk, nil)
		r, err := tx.QueryContext(ctx, `SELECT node, period, overrun FROM balances WHERE `+where, args...)
		err = scanAll(r, err, func(r *sql.Rows) error {
			var n event.NodePeriod
			var overrun money.Nanos
			err := r.Scan(&n.Node, &n.Period, &overrun)
			overruns[n] = overrun
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot read overruns: %w", err)
		}
	}
	moved := make(map[event.NodePeriod]movement, len(nodes))
	for i := range entries {
		e := &entries[i]
		if err := e.creditable(balances); err != nil {
			return nil, err
		}
		e.moves = make([]movement, len(e.nodes))
		for j, n := range e.nodes {
			b, m, cost := balances[n], &e.moves[j], e.cost
			if e.reverses != 0 {
				cost = -e.back[j]
			}
			if cost > 0 {
				m.booked = cost
				m.overrun = cost - b.cover(cost)
			} else {
				m.booked = -min(-cost, max(0, b.booked))
				m.overrun = -min(-m.booked, overruns[n])
			}
			if b.booked, err = money.Add(b.booked, m.booked); err != nil {
				return nil, err
			}
			overruns[n] += m.overrun // never more than booked
			if abs(m.overrun) > abs(e.overrun) {
				e.overrun = m.overrun
			}
			sum := moved[n]
			sum.booked += m.booked
			switch { // what comes back by credit was billed all the same
			case e.Kind != Reconciled:
			case e.Amount > 0:
				sum.media += min(e.media, m.booked)
			default:
				sum.media += max(e.media, m.booked)
			}
			sum.overrun += m.overrun
			moved[n] = sum
		}
	}
	return moved, nil
}

// creditable refuses a credit of more than is booked. A daily budget says what
// was booked on one day, which need not be all that the credit is for.
func (e *entry) creditable(balances map[event.NodePeriod]*balance) error {
	if e.Kind == Reconciled || e.reverses != 0 {
		return nil
	}
	most := map[bool]money.Nanos{}
	for _, n := range e.nodes {
		lifetime, booked := n.Period == event.Lifetime, max(0, balances[n].booked)
		if m, ok := most[lifetime]; !ok || booked < m {
			most[lifetime] = booked
		}
	}
	m, ok := most[true]
	if !ok {
		m, ok = most[false]
	}
	if ok && -e.cost > m {
		return &CreditError{m}
	}
	return nil
}

func abs(n money.Nanos) money.Nanos { return max(n, -n) }

func writeCorrections(ctx context.Context, tx *sql.Tx, now time.Time, after int64, entries []entry) error {
	rows := make([][]any, 0, len(entries))
	var nodes [][]any
	for i := range entries {
		e, id := &entries[i], after+int64(i)+1
		rows = append(rows, []any{
			id, string(e.Kind), e.Reason, e.Reference, int64(e.Exchange), int64(e.Advertiser), int64(e.Campaign), int64(e.LineItem),
			int64(e.Day), e.Currency, int64(e.Amount), int64(e.cost),
			int64(e.overrun), e.Redated, now.UnixNano(), e.By, e.reverses,
			e.currency, int64(e.media), int64(e.table), int64(e.Impressions),
		})
		for j, n := range e.nodes {
			if m := e.moves[j]; m.booked != 0 {
				nodes = append(nodes, []any{id, j, int64(n.Node), int64(n.Period), int64(m.booked), int64(m.overrun)})
			}
		}
	}
	err := insert(ctx, tx, `INSERT INTO corrections (id, kind, reason, reference, exchange, advertiser, campaign, line_item,
		day, currency, amount, advertiser_cost, overrun, redated, booked_at, booked_by, reverses,
		advertiser_currency, media, rate_table, impressions)`, rows, "")
	if err != nil {
		return fmt.Errorf("cannot write corrections: %w", err)
	}
	err = insert(ctx, tx, `INSERT INTO correction_nodes (correction, position, node, period, amount, overrun)`, nodes, "")
	if err != nil {
		return fmt.Errorf("cannot write the nodes of corrections: %w", err)
	}
	return nil
}

func addToTotals(ctx context.Context, tx *sql.Tx, entries []entry, result *Corrected) error {
	type total struct {
		corrections     int64
		amount, overrun wide
	}
	totals := make(map[string]*total)
	of := func(currency string) *total {
		if totals[currency] == nil {
			totals[currency] = new(total)
		}
		return totals[currency]
	}
	for i := range entries {
		e := &entries[i]
		t := of(e.Currency)
		t.corrections++
		t.amount.add(e.Amount)
		of(e.currency).overrun.add(e.overrun)
		result.Booked++
		result.Amount = clipped(result.Amount, e.Amount)
		result.Overrun = clipped(result.Overrun, e.overrun)
	}
	for currency, t := range totals {
		_, err := tx.ExecContext(ctx, `INSERT INTO ledger_totals (currency, corrections, corrected_units, corrected, corrected_overrun_units, corrected_overrun)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (currency) DO UPDATE SET corrections = ledger_totals.corrections + excluded.corrections, `+
			addWideRows("corrected")+`, `+addWideRows("corrected_overrun"),
			currency, t.corrections, t.amount.units, t.amount.rest, t.overrun.units, t.overrun.rest)
		if err != nil {
			return fmt.Errorf("cannot write totals: %w", err)
		}
	}
	return nil
}
