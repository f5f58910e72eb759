package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
)

func TestInventoryLists(t *testing.T) {
	ctx := context.Background()
	c := newClient(t)
	l, err := c.CreateInventoryList(ctx, v1.InventoryListSpec{Name: "News", Kind: campaign.InventorySites})
	if err != nil {
		t.Fatal(err)
	}
	if l, err = c.ReplaceInventory(ctx, l.ID, strings.NewReader("example.com\nexample.org\n")); err != nil || l.Entries != 2 {
		t.Fatal(l, err)
	}
	if l, err = c.AddInventory(ctx, l.ID, strings.NewReader("example.org\nexample.net")); err != nil || l.Entries != 3 {
		t.Fatal(l, err)
	}
	_, err = c.AddInventory(ctx, l.ID, strings.NewReader("example.org\nno domain\n"))
	if e := (*client.Error)(nil); !errors.As(err, &e) || e.Status != 422 || e.Errors[0].Location != "body.line[2]" {
		t.Errorf("what is no domain: %v", err)
	}
	page, err := c.InventoryLists(ctx, 0, 1)
	if err != nil || len(page.Items) != 1 || page.Items[0] != l {
		t.Error(page, err)
	}
	if err := c.DeleteInventoryList(ctx, l.ID); err != nil {
		t.Error(err)
	}
	if got, err := c.InventoryList(ctx, l.ID); err != nil || got.Status != campaign.Archived {
		t.Error(got, err)
	}
}
