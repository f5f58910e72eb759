package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// Kind is the operations on one sort of thing: ID is its id, P its parent's
// (int64 if it has none), S what a caller states, R what the server returns.
type Kind[ID, P ~int64, S, R any] struct {
	c      *Client
	path   string
	parent string // the query parameter of List's parent, if there is one
}

// Create makes one.
func (k Kind[ID, P, S, R]) Create(ctx context.Context, spec S) (out R, err error) {
	err = k.c.do(ctx, http.MethodPost, k.path, spec, &out)
	return out, err
}

// Get reads one.
func (k Kind[ID, P, S, R]) Get(ctx context.Context, id ID) (out R, err error) {
	err = k.c.do(ctx, http.MethodGet, k.one(id), nil, &out)
	return out, err
}

// Update changes the fields that the patch names (RFC 7396).
func (k Kind[ID, P, S, R]) Update(ctx context.Context, id ID, patch map[string]any) (out R, err error) {
	err = k.c.do(ctx, http.MethodPatch, k.one(id), patch, &out)
	return out, err
}

// Pause stops one from spending.
func (k Kind[ID, P, S, R]) Pause(ctx context.Context, id ID) (R, error) {
	return k.act(ctx, id, "/pause")
}

// Resume lets one spend again.
func (k Kind[ID, P, S, R]) Resume(ctx context.Context, id ID) (R, error) {
	return k.act(ctx, id, "/resume")
}

// Archive stops one for good.
func (k Kind[ID, P, S, R]) Archive(ctx context.Context, id ID) (R, error) {
	return k.act(ctx, id, "/archive")
}

// List reads one page: those of a parent (0: of all) with ids above after, at
// most limit (0: the server's choice).
func (k Kind[ID, P, S, R]) List(ctx context.Context, parent P, after int64, limit int) (page v1.Page[R], err error) {
	q := url.Values{}
	if k.parent != "" && parent != 0 {
		q.Set(k.parent, strconv.FormatInt(int64(parent), 10))
	}
	if after != 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	if limit != 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	path := k.path
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	err = k.c.do(ctx, http.MethodGet, path, nil, &page)
	return page, err
}

// All reads every page, those of a parent or (0) of all, in the order of
// ids. It ends at the first error, which it yields.
func (k Kind[ID, P, S, R]) All(ctx context.Context, parent P) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for after := int64(0); ; {
			page, err := k.List(ctx, parent, after, 0)
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if after = page.NextAfter; after == 0 {
				return
			}
		}
	}
}

func (k Kind[ID, P, S, R]) act(ctx context.Context, id ID, action string) (out R, err error) {
	err = k.c.do(ctx, http.MethodPost, k.one(id)+action, nil, &out)
	return out, err
}

func (k Kind[ID, P, S, R]) one(id ID) string { return k.path + "/" + strconv.FormatInt(int64(id), 10) }

// CampaignDelivery reads what became of a campaign's own budgets.
func (c *Client) CampaignDelivery(ctx context.Context, id event.CampaignID) (out v1.Delivery, err error) {
	err = c.do(ctx, http.MethodGet, c.Campaigns.one(id)+"/delivery", nil, &out)
	return out, err
}

// LineItemDelivery reads what became of a line item's own budgets.
func (c *Client) LineItemDelivery(ctx context.Context, id event.LineItemID) (out v1.Delivery, err error) {
	err = c.do(ctx, http.MethodGet, c.LineItems.one(id)+"/delivery", nil, &out)
	return out, err
}

// Status reads the state of the server.
func (c *Client) Status(ctx context.Context) (out v1.Service, err error) {
	err = c.do(ctx, http.MethodGet, "/v1/status", nil, &out)
	return out, err
}
