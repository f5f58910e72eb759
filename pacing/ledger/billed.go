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

// Account is what a booking is for. LineItem is 0 for a campaign as a whole.
type Account struct {
	Advertiser event.AdvertiserID
	Campaign   event.CampaignID
	LineItem   event.LineItemID
}

// Billed is what an exchange's notices booked of an account within a stretch
// of time. Corrections are not in it.
type Billed struct {
	Account
	Bookings    int64
	Impressions event.Impressions // that they count for
	Amount      money.Nanos       // media cost
	Disputed    money.Nanos       // beyond the bids, not in Amount
	Unpriced    money.Nanos       // of Amount: booked at the bid, for lack of a readable price
}

// Billed returns what was booked of the notices of [from, to), per account.
func (l *Ledger) Billed(ctx context.Context, exchange event.ExchangeID, currency string, from, to time.Time) ([]Billed, error) {
	var all []Billed
	r, err := l.db.QueryContext(ctx, `SELECT advertiser, campaign, line_item, COUNT(*), CAST(SUM(impressions) AS BIGINT),
		CAST(SUM(amount) AS BIGINT), CAST(SUM(disputed) AS BIGINT), CAST(SUM(CASE WHEN price_state = 'ok' THEN 0 ELSE amount END) AS BIGINT)
		FROM bookings WHERE exchange = $1 AND occurred_at >= $2 AND occurred_at < $3 AND currency = $4
		GROUP BY advertiser, campaign, line_item ORDER BY campaign, line_item`,
		int64(exchange), from.UnixNano(), to.UnixNano(), currency)
	err = scanAll(r, err, func(r *sql.Rows) error {
		var b Billed
		if err := r.Scan(&b.Advertiser, &b.Campaign, &b.LineItem, &b.Bookings, &b.Impressions, &b.Amount, &b.Disputed, &b.Unpriced); err != nil {
			return err
		}
		all = append(all, b)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read what exchange %d billed: %w", exchange, err)
	}
	return all, nil
}

// BilledBid is what became of one bid's bill.
type BilledBid struct {
	Account
	Exchange    event.ExchangeID
	Currency    string
	IssuedAt    time.Time
	OccurredAt  time.Time
	Impressions event.Impressions // that it counts for
	Amount      money.Nanos       // booked; of an expired notice what it said, at most the bid
	Disputed    money.Nanos
	Unpriced    bool
	Expired     bool // came too late: kept, not booked
}

// EachBilledLater calls each for what was booked of the notices of [from, to)
// whose bids left before from. Its identity is left out: only the account,
// the times, the impressions and the amount are set.
func (l *Ledger) EachBilledLater(ctx context.Context, exchange event.ExchangeID, currency string, from, to time.Time, each func(BilledBid)) error {
	r, err := l.db.QueryContext(ctx, `SELECT advertiser, campaign, line_item, issued_at, occurred_at, impressions, amount FROM bookings
		WHERE exchange = $1 AND occurred_at >= $2 AND occurred_at < $3 AND issued_at < $2 AND currency = $4 AND amount > 0`,
		int64(exchange), from.UnixNano(), to.UnixNano(), currency)
	return eachBid(r, err, exchange, each)
}

// EachExpired calls each for the notices that came too late to be booked, of
// bids that left before to and notices since from.
func (l *Ledger) EachExpired(ctx context.Context, exchange event.ExchangeID, currency string, from, to time.Time, each func(BilledBid)) error {
	r, err := l.db.QueryContext(ctx, `SELECT advertiser, campaign, line_item, issued_at, occurred_at, impressions, `+expiredAmount+` FROM reconciliation
		WHERE exchange = $1 AND occurred_at >= $2 AND issued_at < $3 AND currency = $4`,
		int64(exchange), from.UnixNano(), to.UnixNano(), currency)
	return eachBid(r, err, exchange, each)
}

// expiredAmount is what an expired notice would have booked, see billOf.
const expiredAmount = `CASE WHEN bid_price < 0 THEN 0 WHEN price_state = 'ok' AND price >= 0 AND price < bid_price THEN price ELSE bid_price END`

func eachBid(r *sql.Rows, err error, exchange event.ExchangeID, each func(BilledBid)) error {
	err = scanAll(r, err, func(r *sql.Rows) error {
		var b BilledBid
		var issued, occurred int64
		if err := r.Scan(&b.Advertiser, &b.Campaign, &b.LineItem, &issued, &occurred, &b.Impressions, &b.Amount); err != nil {
			return err
		}
		b.IssuedAt, b.OccurredAt = time.Unix(0, issued).UTC(), time.Unix(0, occurred).UTC()
		each(b)
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot read the notices of exchange %d: %w", exchange, err)
	}
	return nil
}

// BilledBids returns what became of bids that were billed. Others are absent.
func (l *Ledger) BilledBids(ctx context.Context, bids []event.BidID) (map[event.BidID]BilledBid, error) {
	all := make(map[event.BidID]BilledBid, len(bids))
	for chunk := range slices.Chunk(bids, valuesPerStatement) {
		ids := make([]any, 0, len(chunk))
		for _, id := range chunk {
			ids = append(ids, id.String())
		}
		// What is booked comes last and wins: a bid can also have an expired
		// notice, of another kind.
		for _, query := range []string{
			`SELECT bid_id, advertiser, campaign, line_item, exchange, currency, issued_at, occurred_at, impressions, ` + expiredAmount + `, 0, price_state, 1 FROM reconciliation WHERE bid_id IN `,
			`SELECT bid_id, advertiser, campaign, line_item, exchange, currency, issued_at, occurred_at, impressions, amount, disputed, price_state, 0 FROM bookings WHERE bid_id IN `,
		} {
			r, err := l.db.QueryContext(ctx, query+in(1, len(ids)), ids...)
			err = scanAll(r, err, func(r *sql.Rows) error {
				var b BilledBid
				var text, state string
				var issued, occurred, expired int64
				if err := r.Scan(&text, &b.Advertiser, &b.Campaign, &b.LineItem, &b.Exchange, &b.Currency, &issued, &occurred,
					&b.Impressions, &b.Amount, &b.Disputed, &state, &expired); err != nil {
					return err
				}
				b.IssuedAt, b.OccurredAt = time.Unix(0, issued).UTC(), time.Unix(0, occurred).UTC()
				b.Unpriced, b.Expired = state != event.PriceOK.String(), expired == 1
				id, err := event.ParseBidID(text)
				all[id] = b
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("cannot look bids up: %w", err)
			}
		}
	}
	return all, nil
}
