package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/api"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// slowStore answers when the request's time is over.
type slowStore struct{ api.Store }

func (slowStore) GetCampaign(ctx context.Context, _ event.CampaignID) (campaign.Campaign, error) {
	<-ctx.Done()
	return campaign.Campaign{}, ctx.Err()
}

func TestSlowStoreEndsInAProblem(t *testing.T) {
	h := newHarness(t, func(c *api.Config) {
		c.Store = slowStore{c.Store}
		c.Timeout = 200 * time.Millisecond // authentication, which reads the real store, must fit
	})
	if a := h.send("GET", "/v1/campaigns/1", ""); a.status != 503 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestPanicEndsInAProblem(t *testing.T) {
	h := newHarness(t, func(c *api.Config) {
		c.Service = func(context.Context) v1.Service { panic("secret detail") }
	})
	a := h.send("GET", "/v1/status", "")
	if a.status != 500 || strings.Contains(a.body, "secret") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if log := h.log.String(); !strings.Contains(log, "secret detail") || strings.Contains(log, h.admin) {
		t.Errorf("the log should have the panic and no key: %s", log)
	}
}

func TestMethodsAndHeaders(t *testing.T) {
	h := newHarness(t)
	a := h.send("DELETE", "/v1/advertisers", "")
	if a.status != 405 || a.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("%d, Allow: %s", a.status, a.header.Get("Allow"))
	}
	a = h.send("GET", "/v1/advertisers", "")
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("headers are %v", a.header)
	}
	if a := h.send("HEAD", "/v1/advertisers", "", authorization("Bearer "+h.read)); a.status != 200 || a.body != "" {
		t.Errorf("HEAD: %d %s", a.status, a.body)
	}
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := api.New(api.Config{}); err == nil {
		t.Error("an API without a store was built")
	}
}
