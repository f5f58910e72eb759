package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
)

// inventoryTime is how long writing a list of a million entries may take, once
// they have arrived.
const inventoryTime = time.Minute

// inventoryUpload is how long the entries may take to arrive: a million over
// a line of 2 Mbit/s.
const inventoryUpload = 5 * time.Minute

// longAnswer lets an upload take its time, and the answer come after it: the
// server's own times count from the request's header.
func longAnswer(ctx huma.Context, next func(huma.Context)) {
	_, w := humago.Unwrap(ctx)
	// A connection without deadlines has none that could be in the way.
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(inventoryUpload))
	_ = c.SetWriteDeadline(time.Now().Add(inventoryUpload + inventoryTime + 10*time.Second))
	next(ctx)
}

// registerInventory adds lists of sites, apps, publishers and placements.
func (s *server) registerInventory() {
	const path, one, what = "/v1/inventory-lists", "/v1/inventory-lists/{id}", "inventory list"
	spec := shapeOf[v1.InventoryListSpec](s.registry)
	op := s.operation(http.MethodPost, path, "create", what, "Create an inventory list, without entries", spec.schema)
	op.DefaultStatus = http.StatusCreated
	register(s, op, func(ctx context.Context, in *bodyInput) (*created[v1.InventoryList], error) {
		document, wrong := parseStrict(in.RawBody)
		if wrong != nil {
			return nil, malformed(wrong)
		}
		var list v1.InventoryListSpec
		if err := spec.decode(document, &list); err != nil {
			return nil, err
		}
		l, err := s.store.CreateInventoryList(ctx, campaign.InventoryList{Name: list.Name, Kind: list.Kind})
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		s.changed()
		return &created[v1.InventoryList]{fmt.Sprintf("%s/%d", path, l.ID), v1.InventoryListOf(l)}, nil
	})
	register(s, s.operation(http.MethodGet, path, "list", "inventory lists", "List inventory lists, in the order of ids", nil), s.listInventory)
	register(s, s.operation(http.MethodGet, one, "get", what, "Read an inventory list, without its entries", nil),
		func(ctx context.Context, in *idInput) (*output[v1.InventoryList], error) {
			l, err := s.store.GetInventoryList(ctx, campaign.InventoryListID(in.ID))
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &output[v1.InventoryList]{v1.InventoryListOf(l)}, nil
		})
	op = s.operation(http.MethodDelete, one, "delete", what, "Delete an inventory list that no line item targets", nil)
	op.DefaultStatus = http.StatusNoContent
	register(s, op,
		func(ctx context.Context, in *idInput) (*struct{}, error) {
			if err := s.store.DeleteInventoryList(ctx, campaign.InventoryListID(in.ID)); err != nil {
				return nil, s.problem(ctx, err)
			}
			s.changed()
			return nil, nil
		})
	s.registerEntries(http.MethodPut, "replace", "Replace an inventory list's entries", false)
	s.registerEntries(http.MethodPost, "add", "Add entries to an inventory list", true)
}

// registerEntries adds an operation that takes a text with one entry a line.
func (s *server) registerEntries(method, verb, summary string, add bool) {
	op := s.operation(method, "/v1/inventory-lists/{id}/entries", verb, "inventory entries", summary, &huma.Schema{
		Type: huma.TypeString, Description: fmt.Sprintf("One entry a line, at most %d.", campaign.MaxInventoryEntries)})
	op.RequestBody.Content = map[string]*huma.MediaType{"text/plain": op.RequestBody.Content["application/json"]}
	op.Middlewares = append(op.Middlewares, longAnswer)
	op.DefaultStatus = http.StatusOK
	register(s, op, func(ctx context.Context, in *uploadInput) (*output[v1.InventoryList], error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), inventoryUpload+inventoryTime)
		defer cancel()
		l, err := s.store.PutInventory(ctx, campaign.InventoryListID(in.ID), in, add)
		switch {
		case in.err != nil && err != nil:
			return nil, huma.NewError(http.StatusBadRequest, "the entries did not arrive whole, so nothing was changed")
		case err != nil:
			return nil, s.problem(ctx, err)
		}
		s.changed()
		return &output[v1.InventoryList]{v1.InventoryListOf(l)}, nil
	})
}

func (s *server) listInventory(ctx context.Context, in *Paging) (*output[v1.Page[v1.InventoryList]], error) {
	f := in.filter()
	f.Limit++
	lists, err := s.store.ListInventoryLists(ctx, f)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	page := v1.Page[v1.InventoryList]{Items: []v1.InventoryList{}}
	if len(lists) > in.Limit {
		lists = lists[:in.Limit]
		page.NextAfter = int64(lists[in.Limit-1].ID)
	}
	for _, l := range lists {
		page.Items = append(page.Items, v1.InventoryListOf(l))
	}
	return &output[v1.Page[v1.InventoryList]]{page}, nil
}
