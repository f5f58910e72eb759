package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
)

// Revision numbers writes; see [campaign.Revision].
type Revision = campaign.Revision

// Changes is what was written after a revision; see [campaign.Changes].
type Changes = campaign.Changes

// maxPart is how many things are read at a time: a line item takes kilobytes
// while it is read, and there may be hundreds of thousands. To read a part takes
// one or two milliseconds of a processor, which bids may want: see
// campaign/catalog, which rests between two.
const maxPart = 64

// Changes returns everything that was written after a revision, as of one
// instant; after 0, everything. When nothing was, it reads one row.
// ErrRewound says that the store has not reached that revision: whoever asks
// has seen what a restored backup has not, and starts again from 0.
func (s *Store) Changes(ctx context.Context, after Revision) (c Changes, err error) {
	err = s.snapshot(ctx, after, func(tx *sql.Tx) (err error) {
		c = Changes{}
		c.Revision, err = changes(ctx, tx, after, func(part *Changes) {
			c.Exchanges = append(c.Exchanges, part.Exchanges...)
			c.Advertisers = append(c.Advertisers, part.Advertisers...)
			c.Campaigns = append(c.Campaigns, part.Campaigns...)
			c.LineItems = append(c.LineItems, part.LineItems...)
			c.Creatives = append(c.Creatives, part.Creatives...)
			c.FeeRules = append(c.FeeRules, part.FeeRules...)
			c.RateTables = append(c.RateTables, part.RateTables...)
			c.InventoryLists = append(c.InventoryLists, part.InventoryLists...)
		})
		return err
	})
	if err != nil {
		return Changes{}, err
	}
	return c, nil
}

// EachChange is Changes in parts of bounded size, for who need not have all
// at once. It returns the revision up to which they are. What take was given
// may come again, and is not all if there is an error.
func (s *Store) EachChange(ctx context.Context, after Revision, take func(part *Changes)) (upTo Revision, err error) {
	err = s.snapshot(ctx, after, func(tx *sql.Tx) (err error) {
		upTo, err = changes(ctx, tx, after, take)
		return err
	})
	return upTo, err
}

func (s *Store) snapshot(ctx context.Context, after Revision, f func(*sql.Tx) error) error {
	if err := Snapshot(ctx, s.db, f); err != nil {
		return fmt.Errorf("cannot read what changed since revision %d: %w", after, err)
	}
	return nil
}

func changes(ctx context.Context, tx *sql.Tx, after Revision, take func(part *Changes)) (upTo Revision, err error) {
	const last = `SELECT value FROM counters WHERE name = 'revision'`
	if err := tx.QueryRowContext(ctx, last).Scan(&upTo); err != nil {
		return 0, err
	}
	if upTo < after {
		return 0, ErrRewound
	}
	if upTo == after {
		return upTo, nil
	}
	return upTo, errors.Join(
		exchanges.since(ctx, tx, after, func(all []campaign.Exchange) { take(&Changes{Exchanges: all}) }),
		advertisers.since(ctx, tx, after, func(all []campaign.Advertiser) { take(&Changes{Advertisers: all}) }),
		campaigns.since(ctx, tx, after, func(all []campaign.Campaign) { take(&Changes{Campaigns: all}) }),
		lineItems.since(ctx, tx, after, func(all []campaign.LineItem) { take(&Changes{LineItems: all}) }),
		creatives.since(ctx, tx, after, func(all []campaign.Creative) { take(&Changes{Creatives: all}) }),
		feeRules.since(ctx, tx, after, func(all []campaign.FeeRule) { take(&Changes{FeeRules: all}) }),
		rateTables.since(ctx, tx, after, func(all []campaign.RateTable) { take(&Changes{RateTables: all}) }),
		inventorySince(ctx, tx, after, take),
	)
}
