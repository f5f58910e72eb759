package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
)

// CreateInventoryList creates an empty list.
func (c *Client) CreateInventoryList(ctx context.Context, spec v1.InventoryListSpec) (out v1.InventoryList, err error) {
	err = c.do(ctx, http.MethodPost, "/v1/inventory-lists", spec, &out)
	return out, err
}

// InventoryList reads a list, without its entries.
func (c *Client) InventoryList(ctx context.Context, id campaign.InventoryListID) (out v1.InventoryList, err error) {
	err = c.do(ctx, http.MethodGet, inventoryPath(id), nil, &out)
	return out, err
}

// InventoryLists reads one page of lists: those with ids above after, at most
// limit (0: the server's choice).
func (c *Client) InventoryLists(ctx context.Context, after int64, limit int) (page v1.Page[v1.InventoryList], err error) {
	q := url.Values{"after": {strconv.FormatInt(after, 10)}}
	if limit != 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	err = c.do(ctx, http.MethodGet, "/v1/inventory-lists?"+q.Encode(), nil, &page)
	return page, err
}

// ReplaceInventory makes the lines of a text the list's entries. The text is
// sent as it is read.
func (c *Client) ReplaceInventory(ctx context.Context, id campaign.InventoryListID, entries io.Reader) (out v1.InventoryList, err error) {
	err = c.send(ctx, http.MethodPut, inventoryPath(id)+"/entries", "text/plain", entries, &out)
	return out, err
}

// AddInventory adds the lines of a text to the list's entries.
func (c *Client) AddInventory(ctx context.Context, id campaign.InventoryListID, entries io.Reader) (out v1.InventoryList, err error) {
	err = c.send(ctx, http.MethodPost, inventoryPath(id)+"/entries", "text/plain", entries, &out)
	return out, err
}

// DeleteInventoryList deletes a list that no line item targets.
func (c *Client) DeleteInventoryList(ctx context.Context, id campaign.InventoryListID) error {
	return c.do(ctx, http.MethodDelete, inventoryPath(id), nil, nil)
}

func inventoryPath(id campaign.InventoryListID) string {
	return "/v1/inventory-lists/" + strconv.FormatInt(int64(id), 10)
}
