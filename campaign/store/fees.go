package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

var feeRules = kind[campaign.FeeRule]{
	name: "fee rule", table: "fee_rules", alias: "f", parent: "advertiser_id",
	selectFrom: `SELECT f.id, f.advertiser_id, f.effective_from, f.starts_at, f.markup_ppm, f.data_nanos, f.tech_nanos FROM fee_rules f`,
	scan: func(r row) (f campaign.FeeRule, err error) {
		var starts int64
		err = r.Scan(&f.ID, &f.AdvertiserID, localTime{&f.EffectiveFrom}, &starts, &f.MarkupPPM, &f.DataCPM, &f.TechCPM)
		f.Start = time.UnixMilli(starts).UTC()
		return f, err
	},
}

// AddFeeRule adds a rule and returns it with its id. It has to begin so far in
// the future that every bidder knows it by then; two rules of an advertiser
// never begin at once.
func (s *Store) AddFeeRule(ctx context.Context, f campaign.FeeRule) (campaign.FeeRule, error) {
	return write(ctx, s, "add a fee rule", func(w *writing) (campaign.FeeRule, error) {
		a, err := advertisers.open(ctx, w, int64(f.AdvertiserID))
		if err != nil {
			return f, err
		}
		if err := f.Validate(); err != nil {
			return f, err
		}
		zone, err := a.Location()
		if err != nil {
			return f, err
		}
		f.Start = f.EffectiveFrom.In(zone).UTC()
		if f.Start.Before(s.clock.Now().Add(campaign.FeeNotice)) {
			return f, problem("effective_from", fmt.Sprintf("must be at least %v ahead: every bidder has to know it by then", campaign.FeeNotice))
		}
		if f.ID, err = w.take(ctx, "fee_rule", 1); err != nil {
			return f, err
		}
		from, err := f.EffectiveFrom.MarshalText()
		if err != nil {
			return f, err
		}
		return f, w.insert(ctx, `fee_rules (id, advertiser_id, effective_from, starts_at, markup_ppm, data_nanos, tech_nanos, revision)`,
			[][]any{{f.ID, f.AdvertiserID, string(from), f.Start.UnixMilli(), f.MarkupPPM, f.DataCPM, f.TechCPM, w.revision}})
	})
}

// ListFeeRules returns a page of fee rules, of an advertiser or of all.
func (s *Store) ListFeeRules(ctx context.Context, f Filter) ([]campaign.FeeRule, error) {
	return feeRules.list(ctx, s.db, f)
}

// FeeRulesOf returns the rules of advertisers, for whoever books: within its
// transaction.
func FeeRulesOf(ctx context.Context, tx *sql.Tx, ids []event.AdvertiserID) (map[event.AdvertiserID]campaign.FeeRules, error) {
	all := make(map[event.AdvertiserID]campaign.FeeRules)
	err := eachOf(ids, func(marks string, args []any) error {
		rules, err := many(ctx, tx, feeRules.scan, feeRules.selectFrom+` WHERE f.advertiser_id IN `+marks+` ORDER BY f.starts_at`, args...)
		for _, r := range rules {
			all[r.AdvertiserID] = append(all[r.AdvertiserID], r)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read fee rules: %w", err)
	}
	return all, nil
}
