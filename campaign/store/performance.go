package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// Touch is that a creative was seen or clicked.
type Touch struct {
	Bid      event.BidID
	Kind     event.Kind // KindImpression or KindClick
	Creative event.CreativeID
	Issued   time.Time // when the bid left
}

// CountTouches adds touches to the performance of their creatives, all or none,
// and each once: a bid has one impression and one click, however often and in
// how many calls they are told. What was counted is remembered for bids that
// left at since or later, and touches of older ones are not counted; so since
// must never go back.
func (s *Store) CountTouches(ctx context.Context, touches []Touch, since time.Time) error {
	touches = slices.DeleteFunc(slices.Clone(touches), func(t Touch) bool { return t.Issued.Before(since) })
	if len(touches) == 0 {
		return nil
	}
	err := InTx(ctx, s.db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM creative_touches WHERE issued_at < $1`, since.UnixNano()); err != nil {
			return err
		}
		sums := make(map[event.CreativeID]campaign.Performance)
		for some := range slices.Chunk(touches, rowsPerInsert) {
			if err := countFresh(ctx, tx, some, sums); err != nil {
				return err
			}
		}
		for _, id := range slices.Sorted(maps.Keys(sums)) {
			const add = `INSERT INTO creative_performance (creative_id, impressions, clicks) VALUES ($1, $2, $3)
				ON CONFLICT (creative_id) DO UPDATE SET impressions = creative_performance.impressions + excluded.impressions,
				clicks = creative_performance.clicks + excluded.clicks`
			if _, err := tx.ExecContext(ctx, add, int64(id), sums[id].Impressions, sums[id].Clicks); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot count what creatives were shown and clicked: %w", err)
	}
	return nil
}

// countFresh remembers touches, and adds those to sums that were not known.
func countFresh(ctx context.Context, tx *sql.Tx, touches []Touch, sums map[event.CreativeID]campaign.Performance) error {
	type key struct{ bid, kind string }
	of := make(map[key]event.CreativeID, len(touches))
	var rows []string
	var args []any
	for _, t := range touches {
		k := key{t.Bid.String(), t.Kind.String()}
		if _, twice := of[k]; twice {
			continue
		}
		of[k] = t.Creative
		n := len(args)
		rows = append(rows, fmt.Sprintf("($%d, $%d, $%d)", n+1, n+2, n+3))
		args = append(args, k.bid, k.kind, t.Issued.UnixNano())
	}
	r, err := tx.QueryContext(ctx, `INSERT INTO creative_touches (bid_id, kind, issued_at) VALUES `+strings.Join(rows, ", ")+
		` ON CONFLICT (bid_id, kind) DO NOTHING RETURNING bid_id, kind`, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		var k key
		if err := r.Scan(&k.bid, &k.kind); err != nil {
			return err
		}
		sum := sums[of[k]]
		if k.kind == event.KindClick.String() {
			sum.Clicks++
		} else {
			sum.Impressions++
		}
		sums[of[k]] = sum
	}
	return r.Err()
}

// Performance returns what came of showing creatives, those that were counted.
func (s *Store) Performance(ctx context.Context) (map[event.CreativeID]campaign.Performance, error) {
	all := make(map[event.CreativeID]campaign.Performance)
	r, err := s.db.QueryContext(ctx, `SELECT creative_id, impressions, clicks FROM creative_performance`)
	if err != nil {
		return nil, fmt.Errorf("cannot read the performance of creatives: %w", err)
	}
	defer r.Close()
	for r.Next() {
		var id int64
		var p campaign.Performance
		if err := r.Scan(&id, &p.Impressions, &p.Clicks); err != nil {
			return nil, fmt.Errorf("cannot read the performance of creatives: %w", err)
		}
		all[event.CreativeID(id)] = p
	}
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("cannot read the performance of creatives: %w", err)
	}
	return all, nil
}
