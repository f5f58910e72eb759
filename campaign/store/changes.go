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

// Changes returns everything that was written after a revision, as of one
// instant; after 0, everything. When nothing was, it reads one row.
// ErrRewound says that the store has not reached that revision: whoever asks
// has seen what a restored backup has not, and starts again from 0.
func (s *Store) Changes(ctx context.Context, after Revision) (Changes, error) {
	c, err := s.changes(ctx, after)
	if err != nil {
		return Changes{}, fmt.Errorf("cannot read what changed since revision %d: %w", after, err)
	}
	return c, nil
}

func (s *Store) changes(ctx context.Context, after Revision) (c Changes, err error) {
	err = Snapshot(ctx, s.db, func(tx *sql.Tx) error {
		c = Changes{}
		const last = `SELECT value FROM counters WHERE name = 'revision'`
		if err := tx.QueryRowContext(ctx, last).Scan(&c.Revision); err != nil {
			return err
		}
		if c.Revision < after {
			return ErrRewound
		}
		if c.Revision == after {
			return nil
		}
		var errs [8]error
		c.Exchanges, errs[0] = exchanges.since(ctx, tx, after)
		c.Advertisers, errs[1] = advertisers.since(ctx, tx, after)
		c.Campaigns, errs[2] = campaigns.since(ctx, tx, after)
		c.LineItems, errs[3] = lineItems.since(ctx, tx, after)
		c.Creatives, errs[4] = creatives.since(ctx, tx, after)
		c.FeeRules, errs[5] = feeRules.since(ctx, tx, after)
		c.RateTables, errs[6] = rateTables.since(ctx, tx, after)
		c.InventoryLists, errs[7] = inventorySince(ctx, tx, after)
		return errors.Join(errs[:]...)
	})
	return c, err
}
