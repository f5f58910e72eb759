package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
)

// kind is how things of one kind are read. Its texts are constants of this
// package: nothing that was sent ever becomes SQL.
type kind[T any] struct {
	name       string // for errors
	table      string
	alias      string // of the table in selectFrom
	parent     string // column, or "" when it has none
	selectFrom string
	scan       func(row) (T, error)
}

// row is what one row is scanned from.
type row interface{ Scan(into ...any) error }

// querier is a database or a transaction in it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (k kind[T]) get(ctx context.Context, q querier, id int64) (T, error) {
	v, err := k.scan(q.QueryRowContext(ctx, k.selectFrom+" WHERE "+k.alias+".id = $1", id))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return v, fmt.Errorf("cannot get %s %d: %w", k.name, id, err)
	}
	return v, nil
}

func (k kind[T]) list(ctx context.Context, q querier, f Filter) ([]T, error) {
	query := k.selectFrom + " WHERE " + k.alias + ".id > $1"
	args := []any{f.AfterID, f.limit()}
	if k.parent != "" && f.ParentID != 0 {
		query += " AND " + k.alias + "." + k.parent + " = $3"
		args = append(args, f.ParentID)
	}
	all, err := many(ctx, q, k.scan, query+" ORDER BY "+k.alias+".id LIMIT $2", args...)
	if err != nil {
		return nil, fmt.Errorf("cannot list %s: %w", k.table, err)
	}
	return all, nil
}

// since reads what was written after a revision, oldest write first, and has
// it taken maxPart at a time.
func (k kind[T]) since(ctx context.Context, q querier, after Revision, take func([]T)) error {
	query := k.selectFrom + " WHERE " + k.alias + ".revision > $1 ORDER BY " + k.alias + ".revision, " + k.alias + ".id"
	if err := inParts(ctx, q, k.scan, take, query, after); err != nil {
		return fmt.Errorf("cannot read changed %s: %w", k.table, err)
	}
	return nil
}

// open returns a thing that may be changed: archived ones may not.
func (k kind[T]) open(ctx context.Context, w *writing, id int64) (v T, err error) {
	from, err := k.status(ctx, w, id)
	if err != nil {
		return v, err
	}
	if from == campaign.Archived {
		return v, errArchived
	}
	return k.get(ctx, w, id)
}

// change returns what is there, and what it is to become: in one transaction, so
// that nothing that anybody writes in between is undone.
func (k kind[T]) change(ctx context.Context, w *writing, id int64, to func(T) (T, error)) (was, next T, err error) {
	if was, err = k.open(ctx, w, id); err == nil {
		next, err = to(was)
	}
	return was, next, err
}

// To is the change to a thing that is known, whatever it was.
func To[T any](next T) func(T) (T, error) {
	return func(T) (T, error) { return next, nil }
}

func (k kind[T]) status(ctx context.Context, w *writing, id int64) (s campaign.Status, err error) {
	err = w.QueryRowContext(ctx, "SELECT status FROM "+k.table+" WHERE id = $1", id).Scan(&s)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return s, err
}

// setStatus changes the status alone. What is archived stays archived.
func (k kind[T]) setStatus(ctx context.Context, s *Store, id int64, to campaign.Status) (T, error) {
	return write(ctx, s, fmt.Sprintf("set the status of %s %d", k.name, id), func(w *writing) (v T, err error) {
		switch to {
		case campaign.Active, campaign.Paused, campaign.Archived:
		default:
			return v, problem("status", "must be active, paused or archived")
		}
		from, err := k.status(ctx, w, id)
		if err != nil {
			return v, err
		}
		if from == campaign.Archived && to != from {
			return v, errArchived
		}
		_, err = w.ExecContext(ctx, "UPDATE "+k.table+" SET status = $1, revision = $2 WHERE id = $3", to, w.revision, id)
		if err != nil {
			return v, err
		}
		return k.get(ctx, w, id)
	})
}

// many returns the rows of a query; none is an empty list, not nil.
func many[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	all := []T{}
	err := inParts(ctx, q, scan, func(part []T) { all = append(all, part...) }, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// inParts has the rows of a query taken maxPart at a time. Parts are not
// reused.
func inParts[T any](ctx context.Context, q querier, scan func(row) (T, error), take func([]T), query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var part []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return err
		}
		if part = append(part, v); len(part) == maxPart {
			take(part)
			part = nil
		}
	}
	if len(part) > 0 {
		take(part)
	}
	return rows.Err()
}
