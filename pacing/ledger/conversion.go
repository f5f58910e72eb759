package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// orderKey is what an order is counted once by.
type orderKey struct {
	advertiser event.AdvertiserID
	hash       string
}

// conversionOf says whether an event is an order that counts, and which.
func conversionOf(e *event.Event) (orderKey, bool) {
	if e.Kind != event.KindConversion || e.Expired || len(e.Order) == 0 || e.OrderValue < 0 {
		return orderKey{}, false
	}
	return orderKey{e.Advertiser, hex.EncodeToString(e.Order)}, true
}

// writeConversions keeps orders, each once: the first that was told, unless a
// verified one comes after it. Whatever their order within a batch, rows are
// written in one, so that two that write never wait for each other.
func writeConversions(ctx context.Context, tx *sql.Tx, orders map[orderKey]*event.Event) error {
	rows := make([][]any, 0, len(orders))
	for key, e := range orders {
		rows = append(rows, []any{
			int64(key.advertiser), key.hash, e.Verified, int64(e.OrderValue), e.Currency,
			int64(e.Campaign), int64(e.LineItem), int64(e.Creative), e.Bid.String(), e.ClickedAt.UnixNano(), e.ReceivedAt.UnixNano(),
		})
	}
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(int64), b[0].(int64)), cmp.Compare(a[1].(string), b[1].(string)))
	})
	err := insert(ctx, tx, `INSERT INTO conversions (advertiser, order_hash, verified, value, currency,
		campaign, line_item, creative, bid_id, clicked_at, received_at)`, rows,
		`ON CONFLICT (advertiser, order_hash) DO UPDATE SET verified = excluded.verified, value = excluded.value, currency = excluded.currency,
		campaign = excluded.campaign, line_item = excluded.line_item, creative = excluded.creative, bid_id = excluded.bid_id,
		clicked_at = excluded.clicked_at, received_at = excluded.received_at
		WHERE excluded.verified AND NOT conversions.verified`)
	if err != nil {
		return fmt.Errorf("cannot write conversions: %w", err)
	}
	return nil
}

// Conversions is what orders add up to, values at most the largest int64.
type Conversions struct {
	Verified        int64 // told by an authenticated server of the advertiser
	VerifiedValue   money.Nanos
	Unverified      int64
	UnverifiedValue money.Nanos
}

// CampaignConversions returns the orders after clicks on a campaign's ads.
func (l *Ledger) CampaignConversions(ctx context.Context, id event.CampaignID) (Conversions, error) {
	return l.conversions(ctx, "campaign", int64(id))
}

// LineItemConversions returns the orders after clicks on a line item's ads.
func (l *Ledger) LineItemConversions(ctx context.Context, id event.LineItemID) (Conversions, error) {
	return l.conversions(ctx, "line_item", int64(id))
}

// sumConversions sums whole units and the rest apart: many orders, each far
// below the largest number, may come beyond it.
const sumConversions = `SELECT MIN(line_item), verified, COUNT(*), CAST(SUM(value / 1000000000) AS BIGINT), CAST(SUM(value % 1000000000) AS BIGINT)
	FROM conversions WHERE`

func (l *Ledger) conversions(ctx context.Context, column string, id int64) (c Conversions, err error) {
	r, err := l.db.QueryContext(ctx, sumConversions+` `+column+` = $1 GROUP BY verified`, id)
	err = scanAll(r, err, func(r *sql.Rows) error {
		_, verified, n, value, err := scanConversions(r)
		if verified {
			c.Verified, c.VerifiedValue = n, value
		} else {
			c.Unverified, c.UnverifiedValue = n, value
		}
		return err
	})
	if err != nil {
		return Conversions{}, fmt.Errorf("cannot sum conversions: %w", err)
	}
	return c, nil
}

// scanConversions reads a row of sumConversions.
func scanConversions(r *sql.Rows) (lineItem int64, verified bool, n int64, value money.Nanos, err error) {
	var sum wide
	err = r.Scan(&lineItem, &verified, &n, &sum.units, &sum.rest)
	sum.units, sum.rest = sum.units+sum.rest/int64(money.Unit), sum.rest%int64(money.Unit)
	return lineItem, verified, n, sum.nanos(), err
}
