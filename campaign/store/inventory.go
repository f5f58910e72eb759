package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/campaign"
)

var inventoryLists = kind[campaign.InventoryList]{
	name: "inventory list", table: "inventory_lists", alias: "l",
	selectFrom: `SELECT l.id, l.name, l.status, l.kind, l.entries FROM inventory_lists l`,
	scan: func(r row) (l campaign.InventoryList, err error) {
		err = r.Scan(&l.ID, &l.Name, &l.Status, &l.Kind, &l.Entries)
		return l, err
	},
}

// chunkBytes is about how long a chunk of entries is: rows of a size that
// both databases keep together.
const chunkBytes = 64 << 10

// CreateInventoryList adds an empty list.
func (s *Store) CreateInventoryList(ctx context.Context, l campaign.InventoryList) (campaign.InventoryList, error) {
	return write(ctx, s, "create an inventory list", func(w *writing) (campaign.InventoryList, error) {
		l.ID, l.Status, l.Entries, l.Text = 0, campaign.Active, 0, nil
		if err := l.Validate(); err != nil {
			return l, err
		}
		id, err := w.take(ctx, "inventory_list", 1)
		if err != nil {
			return l, err
		}
		l.ID = campaign.InventoryListID(id)
		return l, w.insert(ctx, `inventory_lists (id, name, status, kind, entries, revision)`,
			[][]any{{l.ID, l.Name, l.Status, l.Kind, 0, w.revision}})
	})
}

// GetInventoryList returns a list without its entries, or ErrNotFound.
func (s *Store) GetInventoryList(ctx context.Context, id campaign.InventoryListID) (campaign.InventoryList, error) {
	return inventoryLists.get(ctx, s.db, int64(id))
}

// ListInventoryLists returns a page of lists, without their entries.
func (s *Store) ListInventoryLists(ctx context.Context, f Filter) ([]campaign.InventoryList, error) {
	return inventoryLists.list(ctx, s.db, f)
}

// PutInventory replaces a list's entries by those of a text with one a line,
// or adds them. Each entry counts once; what is not one is a problem, and
// nothing changes. The text is read once, before anything is locked.
func (s *Store) PutInventory(ctx context.Context, id campaign.InventoryListID, text io.Reader, add bool) (campaign.InventoryList, error) {
	of, err := s.GetInventoryList(ctx, id) // for its kind, which stays
	if err != nil {
		return of, err
	}
	given, err := inventoryEntries(of.Kind, text)
	if err != nil {
		return of, err
	}
	return write(ctx, s, "fill an inventory list", func(w *writing) (campaign.InventoryList, error) {
		l, err := inventoryLists.open(ctx, w, int64(id))
		if err != nil {
			return l, err
		}
		entries := given
		if add {
			old, err := inventoryText(ctx, w, id)
			if err != nil {
				return l, err
			}
			entries = slices.Clip(given) // another try adds to the same
			for e := range strings.Lines(string(old)) {
				entries = append(entries, e[:len(e)-1])
			}
		}
		slices.Sort(entries)
		entries = slices.Compact(entries)
		if len(entries) > campaign.MaxInventoryEntries {
			return l, problem("", fmt.Sprintf("must have at most %d entries", campaign.MaxInventoryEntries))
		}
		l.Entries = len(entries)
		return l, w.replaceInventory(ctx, l, entries)
	})
}

// inventoryLine is as long as a line may be, in bytes: no entry is.
const inventoryLine = 4 << 10

// inventoryEntries reads one entry a line, in order and once each; empty lines
// do not count. It keeps the entries and a line, not the text.
func inventoryEntries(k campaign.InventoryKind, text io.Reader) (entries []string, err error) {
	var wrong campaign.Problems
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, inventoryLine)
	size, n := 0, 0
	for lines.Scan() {
		n++
		if size += len(lines.Bytes()) + 1; size > campaign.MaxInventoryBytes {
			return nil, problem("", fmt.Sprintf("must have at most %d bytes", campaign.MaxInventoryBytes))
		}
		line := strings.TrimSpace(lines.Text())
		if k == campaign.InventorySites {
			line = strings.ToLower(strings.TrimSuffix(line, "."))
		}
		switch {
		case line == "":
		case !k.ValidEntry(line):
			if len(wrong) < campaign.MaxProblems {
				wrong = append(wrong, campaign.Problem{Field: fmt.Sprintf("line[%d]", n), Message: k.Entry()})
			}
		case wrong == nil:
			entries = append(entries, line)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		wrong = append(wrong, campaign.Problem{Field: fmt.Sprintf("line[%d]", n+1), Message: k.Entry()})
	case err != nil:
		return nil, fmt.Errorf("cannot read the entries: line %d: %w", n+1, err)
	}
	slices.Sort(entries)
	return slices.Compact(entries), wrong.Err()
}

func (w *writing) replaceInventory(ctx context.Context, l campaign.InventoryList, entries []string) error {
	if _, err := w.ExecContext(ctx, `DELETE FROM inventory_chunks WHERE list_id = $1`, l.ID); err != nil {
		return err
	}
	var rows [][]any
	var chunk strings.Builder
	flush := func() {
		rows = append(rows, []any{l.ID, len(rows), chunk.String()})
		chunk.Reset()
	}
	for _, e := range entries {
		chunk.WriteString(e)
		chunk.WriteByte('\n')
		if chunk.Len() >= chunkBytes {
			flush()
		}
	}
	if chunk.Len() > 0 {
		flush()
	}
	if len(rows) > 0 {
		if err := w.insert(ctx, `inventory_chunks (list_id, chunk, entries)`, rows); err != nil {
			return err
		}
	}
	_, err := w.ExecContext(ctx, `UPDATE inventory_lists SET entries = $1, status = $2, revision = $3 WHERE id = $4`, l.Entries, l.Status, w.revision, l.ID)
	return err
}

// inventoryText returns a list's entries, each followed by a line feed.
func inventoryText(ctx context.Context, q querier, id campaign.InventoryListID) ([]byte, error) {
	chunks, err := many(ctx, q, func(r row) (s string, err error) { err = r.Scan(&s); return s, err },
		`SELECT entries FROM inventory_chunks WHERE list_id = $1 ORDER BY chunk`, id)
	var text bytes.Buffer
	for _, c := range chunks {
		text.WriteString(c)
	}
	return text.Bytes(), err
}

// DeleteInventoryList takes a list and its entries away. ErrConflict says that
// a line item still names it.
func (s *Store) DeleteInventoryList(ctx context.Context, id campaign.InventoryListID) error {
	_, err := write(ctx, s, "delete an inventory list", func(w *writing) (campaign.InventoryList, error) {
		l, err := inventoryLists.open(ctx, w, int64(id))
		if err != nil {
			return l, err
		}
		// Few line items name any list; the text says which may.
		some, err := many(ctx, w, lineItems.scan, lineItems.selectFrom+
			` WHERE li.status <> 'archived' AND (li.targeting LIKE '%inventory_lists%' OR li.bid_modifiers LIKE '%inventory_lists%')`)
		if err != nil {
			return l, err
		}
		for i := range some {
			if slices.Contains(namedLists(&some[i]), id) {
				return l, fmt.Errorf("line item %d targets it: %w", some[i].ID, ErrConflict)
			}
		}
		l.Status, l.Entries = campaign.Archived, 0
		return l, w.replaceInventory(ctx, l, nil)
	})
	return err
}

// namedLists are the inventory lists that a line item names, anywhere.
func namedLists(li *campaign.LineItem) (ids []campaign.InventoryListID) {
	ids = append(append(ids, li.Targeting.InventoryLists.Include...), li.Targeting.InventoryLists.Exclude...)
	for i := range li.Modifiers {
		l := li.Modifiers[i].When.InventoryLists
		ids = append(append(ids, l.Include...), l.Exclude...)
	}
	return ids
}

// knownLists refuses lists that are not there.
func (w *writing) knownLists(ctx context.Context, li *campaign.LineItem) error {
	for _, id := range namedLists(li) {
		if status, err := inventoryLists.status(ctx, w, int64(id)); err != nil || status == campaign.Archived {
			return problem("targeting.inventory_lists", fmt.Sprintf("must name existing lists: there is no %d", id))
		}
	}
	return nil
}

// inventorySince returns the lists that were written after a revision, with
// their entries.
func inventorySince(ctx context.Context, q querier, after Revision, take func(*Changes)) error {
	var all []campaign.InventoryList
	if err := inventoryLists.since(ctx, q, after, func(part []campaign.InventoryList) { all = append(all, part...) }); err != nil {
		return err
	}
	for _, l := range all {
		if l.Status != campaign.Archived {
			var err error
			if l.Text, err = inventoryText(ctx, q, l.ID); err != nil {
				return err
			}
		}
		take(&Changes{InventoryLists: []campaign.InventoryList{l}})
	}
	return nil
}
