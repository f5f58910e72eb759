package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// Config says which server to speak to, and as whom.
type Config struct {
	URL  string // base: "https://control.example.com" or "http://127.0.0.1:8081"
	Key  string // "tk_..."
	HTTP *http.Client
}

// Client speaks to one server. It is safe for concurrent use.
type Client struct {
	base string
	key  string
	http *http.Client

	Advertisers Kind[event.AdvertiserID, int64, v1.AdvertiserSpec, v1.Advertiser]
	Campaigns   Kind[event.CampaignID, event.AdvertiserID, v1.CampaignSpec, v1.Campaign]
	LineItems   Kind[event.LineItemID, event.CampaignID, v1.LineItemSpec, v1.LineItem]
	Creatives   Kind[event.CreativeID, event.LineItemID, v1.CreativeSpec, v1.Creative]
	Exchanges   Kind[event.ExchangeID, int64, v1.ExchangeSpec, v1.Exchange]
}

// Error is an answer of the server that is not a success.
type Error struct {
	Method, Path string
	v1.Problem
}

// Error names the request, what the server said, and each field.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cannot %s %s: %d %s", e.Method, e.Path, e.Status, e.Detail)
	for _, f := range e.Errors {
		fmt.Fprintf(&b, "; %s %s", f.Location, f.Message)
	}
	return b.String()
}

// New returns a client. HTTP defaults to a client with a timeout of 30 s.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("cannot use the API's URL: want http://host:port or https://host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("cannot use the API's URL: it must not have credentials, a query or a fragment")
	}
	c := &Client{base: strings.TrimSuffix(cfg.URL, "/"), key: cfg.Key, http: cfg.HTTP}
	if c.http == nil {
		c.http = &http.Client{Timeout: 30 * time.Second}
	}
	c.Advertisers = Kind[event.AdvertiserID, int64, v1.AdvertiserSpec, v1.Advertiser]{c, "/v1/advertisers", ""}
	c.Campaigns = Kind[event.CampaignID, event.AdvertiserID, v1.CampaignSpec, v1.Campaign]{c, "/v1/campaigns", "advertiser_id"}
	c.LineItems = Kind[event.LineItemID, event.CampaignID, v1.LineItemSpec, v1.LineItem]{c, "/v1/line-items", "campaign_id"}
	c.Creatives = Kind[event.CreativeID, event.LineItemID, v1.CreativeSpec, v1.Creative]{c, "/v1/creatives", "line_item_id"}
	c.Exchanges = Kind[event.ExchangeID, int64, v1.ExchangeSpec, v1.Exchange]{c, "/v1/exchanges", ""}
	return c, nil
}

// maxAnswer bounds what is read of an answer: a full page of large creatives.
const maxAnswer = 64 << 20

// do sends in as JSON, unless nil, and reads the answer into out.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	if in == nil {
		return c.send(ctx, method, path, "", nil, out)
	}
	data, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("cannot %s %s: %w", method, path, err)
	}
	return c.send(ctx, method, path, "application/json", bytes.NewReader(data), out)
}

// send sends a body of a type, unless nil, and reads the answer into out.
func (c *Client) send(ctx context.Context, method, path, contentType string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return fmt.Errorf("cannot %s %s: %w", method, path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("cannot %s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("cannot %s %s: %w", method, path, err)
	}
	if resp.StatusCode/100 != 2 {
		failure := &Error{Method: method, Path: path}
		_ = json.Unmarshal(data, &failure.Problem) // a proxy may answer with something else
		failure.Status = resp.StatusCode
		if failure.Detail == "" {
			failure.Detail = http.StatusText(resp.StatusCode)
		}
		return failure
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("cannot read the answer to %s %s: %w", method, path, err)
	}
	return nil
}
