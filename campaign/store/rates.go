package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

var rateTables = kind[campaign.RateTable]{
	name: "rate table", table: "rate_tables", alias: "t",
	selectFrom: `SELECT t.id, t.source, t.base, t.starts_at, t.quotes FROM rate_tables t`,
	scan: func(r row) (t campaign.RateTable, err error) {
		var starts int64
		err = r.Scan(&t.ID, &t.Source, &t.Base, &starts, fromJSON{&t.Quotes})
		t.Start = time.UnixMilli(starts).UTC()
		return t, err
	},
}

// maxRatesAhead bounds how far ahead rates are stated: a mistyped year must not
// keep a source silent until then.
const maxRatesAhead = 7 * 24 * time.Hour

// AddRateTable adds a table and returns it with its id. ErrConflict says that
// it is not newer than the last one of its source and base: what was stated is
// never stated again otherwise.
func (s *Store) AddRateTable(ctx context.Context, t campaign.RateTable) (campaign.RateTable, error) {
	return write(ctx, s, "add a table of exchange rates", func(w *writing) (campaign.RateTable, error) {
		t.Start = t.Start.UTC().Truncate(time.Millisecond)
		t.Sort()
		if err := t.Validate(); err != nil {
			return t, err
		}
		if latest := s.clock.Now().Add(maxRatesAhead); t.Start.After(latest) {
			return t, problem("effective_from", "must not be more than "+fmt.Sprint(int(maxRatesAhead.Hours()/24))+" days ahead: until then its source could state no other rates")
		}
		var last sql.NullInt64
		err := w.QueryRowContext(ctx, `SELECT MAX(starts_at) FROM rate_tables WHERE source = $1 AND base = $2`, t.Source, t.Base).Scan(&last)
		if err != nil {
			return t, err
		}
		if last.Valid && t.Start.UnixMilli() <= last.Int64 {
			return t, fmt.Errorf("its source has stated rates from %s on: %w", time.UnixMilli(last.Int64).UTC().Format(time.RFC3339), ErrConflict)
		}
		id, err := w.take(ctx, "rate_table", 1)
		if err != nil {
			return t, err
		}
		if id > campaign.MaxRateTableID {
			return t, fmt.Errorf("there is no number left after %d tables", id)
		}
		t.ID = uint32(id)
		quotes, err := toJSON(t.Quotes)
		if err != nil {
			return t, err
		}
		return t, w.insert(ctx, `rate_tables (id, source, base, starts_at, quotes, revision)`,
			[][]any{{id, t.Source, t.Base, t.Start.UnixMilli(), quotes, w.revision}})
	})
}

// RateTableFrom returns what a source stated from a moment on, or false.
func (s *Store) RateTableFrom(ctx context.Context, source, base string, start time.Time) (campaign.RateTable, bool, error) {
	all, err := many(ctx, s.db, rateTables.scan, rateTables.selectFrom+` WHERE t.source = $1 AND t.base = $2 AND t.starts_at = $3`,
		source, base, start.UnixMilli())
	if err != nil || len(all) == 0 {
		return campaign.RateTable{}, false, err
	}
	return all[0], true, nil
}

// ListRateTables returns a page of tables.
func (s *Store) ListRateTables(ctx context.Context, f Filter) ([]campaign.RateTable, error) {
	return rateTables.list(ctx, s.db, f)
}

// LatestRateTable returns the newest table of a source and base, or false.
func (s *Store) LatestRateTable(ctx context.Context, source, base string) (campaign.RateTable, bool, error) {
	all, err := many(ctx, s.db, rateTables.scan, rateTables.selectFrom+` WHERE t.source = $1 AND t.base = $2 ORDER BY t.starts_at DESC LIMIT 1`, source, base)
	if err != nil || len(all) == 0 {
		return campaign.RateTable{}, false, err
	}
	return all[0], true, nil
}

// RateTablesOf returns the tables of ids that there are, for whoever books:
// within its transaction.
func RateTablesOf(ctx context.Context, tx *sql.Tx, ids []uint32) (campaign.RateTables, error) {
	var all campaign.RateTables
	err := eachOf(ids, func(marks string, args []any) error {
		some, err := many(ctx, tx, rateTables.scan, rateTables.selectFrom+` WHERE t.id IN `+marks, args...)
		for _, t := range some {
			all = all.With(t)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read exchange rates: %w", err)
	}
	return all, nil
}

// RateTablesAt returns the tables of the year before a moment, for whoever
// corrects: within its transaction.
func RateTablesAt(ctx context.Context, tx *sql.Tx, at time.Time) (campaign.RateTables, error) {
	const year = 366 * 24 * time.Hour
	some, err := many(ctx, tx, rateTables.scan, rateTables.selectFrom+` WHERE t.starts_at <= $1 AND t.starts_at > $2`,
		at.UnixMilli(), at.Add(-year).UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("cannot read exchange rates: %w", err)
	}
	var all campaign.RateTables
	for _, t := range some {
		all = all.With(t)
	}
	return all, nil
}

// CurrenciesOf returns the currencies of advertisers, for whoever books: within
// its transaction. They never change once there is money.
func CurrenciesOf(ctx context.Context, tx *sql.Tx, ids []event.AdvertiserID) (map[event.AdvertiserID]string, error) {
	all := make(map[event.AdvertiserID]string, len(ids))
	err := eachOf(ids, func(marks string, args []any) error {
		some, err := many(ctx, tx, advertisers.scan, advertisers.selectFrom+` WHERE a.id IN `+marks, args...)
		for _, a := range some {
			all[a.ID] = a.Currency
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read currencies: %w", err)
	}
	return all, nil
}

// eachOf calls do for some ids at a time, as "($1,$2)" and its values.
func eachOf[ID ~int64 | ~uint32](ids []ID, do func(marks string, args []any) error) error {
	for len(ids) > 0 {
		some := ids[:min(rowsPerInsert, len(ids))]
		ids = ids[len(some):]
		args, marks := make([]any, len(some)), make([]string, len(some))
		for i, id := range some {
			args[i], marks[i] = int64(id), fmt.Sprintf("$%d", i+1)
		}
		if err := do("("+strings.Join(marks, ",")+")", args); err != nil {
			return err
		}
	}
	return nil
}
