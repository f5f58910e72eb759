package store

import (
	"context"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

var advertisers = kind[campaign.Advertiser]{
	name: "advertiser", table: "advertisers", alias: "a",
	selectFrom: `SELECT a.id, a.name, a.status, a.time_zone, a.currency, a.conversions, a.conversion_keys, COALESCE(n.id, 0), COALESCE(n.amount_nanos, 0)
		FROM advertisers a LEFT JOIN budget_nodes n ON n.owner_kind = 'advertiser' AND n.owner_id = a.id`,
	scan: func(r row) (a campaign.Advertiser, err error) {
		var node event.NodeID
		var line money.Nanos
		err = r.Scan(&a.ID, &a.Name, &a.Status, &a.TimeZone, &a.Currency, fromJSON{&a.Conversions}, fromJSON{&a.Conversions.KeyHashes}, &node, &line)
		a.Funding = campaign.FundingOf(node, line)
		return a, err
	},
}

// CreateAdvertiser adds an advertiser and returns it with its id.
func (s *Store) CreateAdvertiser(ctx context.Context, a campaign.Advertiser) (campaign.Advertiser, error) {
	return write(ctx, s, "create an advertiser", func(w *writing) (campaign.Advertiser, error) {
		fresh(&a.ID, &a.Status)
		if err := a.Validate(); err != nil {
			return a, err
		}
		id, err := w.take(ctx, "advertiser", 1)
		if err != nil {
			return a, err
		}
		a.ID = event.AdvertiserID(id)
		a.Conversions.KeyHashes = [2]string{}
		conversions, err := toJSON(a.Conversions)
		if err != nil {
			return a, err
		}
		err = w.insert(ctx, `advertisers (id, name, status, time_zone, currency, conversions, revision)`,
			[][]any{{a.ID, a.Name, a.Status, a.TimeZone, a.Currency, conversions, w.revision}})
		if err != nil {
			return a, err
		}
		return a, w.setFunding(ctx, &a, campaign.Funding{})
	})
}

// GetAdvertiser returns an advertiser, or ErrNotFound.
func (s *Store) GetAdvertiser(ctx context.Context, id event.AdvertiserID) (campaign.Advertiser, error) {
	return advertisers.get(ctx, s.db, int64(id))
}

// ListAdvertisers returns a page of advertisers.
func (s *Store) ListAdvertisers(ctx context.Context, f Filter) ([]campaign.Advertiser, error) {
	return advertisers.list(ctx, s.db, f)
}

// UpdateAdvertiser changes an advertiser. Its time zone and currency are
// fixed once it has campaigns, fees or funding: what was booked would change
// its meaning. Funding can be changed, and not be taken away. Conversion keys
// stay as they are.
func (s *Store) UpdateAdvertiser(ctx context.Context, id event.AdvertiserID, change func(campaign.Advertiser) (campaign.Advertiser, error)) (campaign.Advertiser, error) {
	return write(ctx, s, "update an advertiser", func(w *writing) (campaign.Advertiser, error) {
		was, a, err := advertisers.change(ctx, w, int64(id), change)
		if err != nil {
			return a, err
		}
		a.ID = id
		if err := a.Validate(); err != nil {
			return a, err
		}
		if err := w.sameMoney(ctx, was, a); err != nil {
			return a, err
		}
		a.Conversions.KeyHashes = was.Conversions.KeyHashes
		conversions, err := toJSON(a.Conversions)
		if err != nil {
			return a, err
		}
		const update = `UPDATE advertisers SET name = $1, status = $2, time_zone = $3, currency = $4, conversions = $5, revision = $6 WHERE id = $7`
		if _, err = w.ExecContext(ctx, update, a.Name, a.Status, a.TimeZone, a.Currency, conversions, w.revision, a.ID); err != nil {
			return a, err
		}
		return a, w.setFunding(ctx, &a, was.Funding)
	})
}

// SetAdvertiserStatus pauses, resumes or archives an advertiser.
func (s *Store) SetAdvertiserStatus(ctx context.Context, id event.AdvertiserID, to campaign.Status) (campaign.Advertiser, error) {
	return advertisers.setStatus(ctx, s, int64(id), to)
}

// sameMoney refuses what would change the meaning of an advertiser's amounts
// and days once there may be some.
func (w *writing) sameMoney(ctx context.Context, was, is campaign.Advertiser) error {
	var p campaign.Problems
	const message = "must stay as it is: the advertiser has campaigns, fees or funding"
	if was.TimeZone != is.TimeZone {
		p = append(p, campaign.Problem{Field: "time_zone", Message: message})
	}
	if was.Currency != is.Currency {
		p = append(p, campaign.Problem{Field: "currency", Message: message})
	}
	if p == nil {
		return nil
	}
	if was.Funding.Node != 0 {
		return p
	}
	var n int
	err := w.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM campaigns WHERE advertiser_id = $1) + (SELECT COUNT(*) FROM fee_rules WHERE advertiser_id = $1)`, was.ID).Scan(&n)
	if err != nil || n == 0 {
		return err
	}
	return p
}
