package store

import (
	"context"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

var creatives = kind[campaign.Creative]{
	name: "creative", table: "creatives", alias: "cr", parent: "line_item_id",
	selectFrom: `SELECT cr.id, cr.line_item_id, cr.name, cr.status, cr.width, cr.height, cr.markup, cr.landing_url,
		cr.domains, cr.categories, cr.attributes, cr.secure, cr.format, cr.content FROM creatives cr`,
	scan: func(r row) (c campaign.Creative, err error) {
		var rest creativeContent
		err = r.Scan(&c.ID, &c.LineItemID, &c.Name, &c.Status, &c.Size.W, &c.Size.H, &c.Markup, &c.LandingURL,
			fromJSON{&c.Domains}, fromJSON{&c.Categories}, fromJSON{&c.Attributes}, &c.Secure, &c.Format, fromJSON{&rest})
		rest.into(&c)
		return c, err
	},
}

// GetCreative returns a creative, or ErrNotFound.
func (s *Store) GetCreative(ctx context.Context, id event.CreativeID) (campaign.Creative, error) {
	return creatives.get(ctx, s.db, int64(id))
}

// ListCreatives returns a page of creatives, of one line item or all.
func (s *Store) ListCreatives(ctx context.Context, f Filter) ([]campaign.Creative, error) {
	return creatives.list(ctx, s.db, f)
}

// UpdateCreative changes a creative. A zero LineItemID stands for the one it
// has; another is refused.
func (s *Store) UpdateCreative(ctx context.Context, id event.CreativeID, change func(campaign.Creative) (campaign.Creative, error)) (campaign.Creative, error) {
	return write(ctx, s, "update a creative", func(w *writing) (campaign.Creative, error) {
		was, c, err := creatives.change(ctx, w, int64(id), change)
		if err != nil {
			return c, err
		}
		c.ID = id
		if err := keepParent("line_item_id", was.LineItemID, &c.LineItemID); err != nil {
			return c, err
		}
		c.Format = c.Kind()
		if err := c.Validate(); err != nil {
			return c, err
		}
		known, err := w.exchangeIDs(ctx)
		if err != nil {
			return c, err
		}
		if err := knownApprovals(&c, known); err != nil {
			return c, err
		}
		lists, err := creativeJSON(&c)
		if err != nil {
			return c, err
		}
		const update = `UPDATE creatives SET name = $1, status = $2, width = $3, height = $4, markup = $5, landing_url = $6,
			domains = $7, categories = $8, attributes = $9, secure = $10, format = $11, content = $12, revision = $13 WHERE id = $14`
		_, err = w.ExecContext(ctx, update, c.Name, c.Status, c.Size.W, c.Size.H, c.Markup, c.LandingURL,
			lists[0], lists[1], lists[2], c.Secure, c.Kind(), lists[3], w.revision, c.ID)
		return c, err
	})
}

// SetCreativeStatus pauses, resumes or archives a creative.
func (s *Store) SetCreativeStatus(ctx context.Context, id event.CreativeID, to campaign.Status) (campaign.Creative, error) {
	return creatives.setStatus(ctx, s, int64(id), to)
}

// creativeContent is what nothing but the whole creative asks for: one column
// of JSON.
type creativeContent struct {
	ImageURL           string              `json:"image_url,omitempty"`
	Media              *campaign.Media     `json:"media,omitempty"`
	Native             *campaign.Native    `json:"native,omitempty"`
	ImpressionTrackers []string            `json:"impression_trackers,omitempty"`
	ClickTrackers      []string            `json:"click_trackers,omitempty"`
	AppBundle          string              `json:"app_bundle,omitempty"`
	Taxonomy           int                 `json:"category_taxonomy,omitempty"`
	APIs               []int               `json:"apis,omitempty"`
	Language           string              `json:"language,omitempty"`
	Weight             int                 `json:"weight,omitempty"`
	Approvals          []campaign.Approval `json:"approvals,omitempty"`
}

func contentOf(c *campaign.Creative) creativeContent {
	return creativeContent{
		ImageURL: c.ImageURL, Media: c.Media, Native: c.Native, ImpressionTrackers: c.ImpressionTrackers, ClickTrackers: c.ClickTrackers,
		AppBundle: c.AppBundle, Taxonomy: c.Taxonomy, APIs: c.APIs, Language: c.Language, Weight: c.Weight, Approvals: c.Approvals,
	}
}

func (x creativeContent) into(c *campaign.Creative) {
	c.ImageURL, c.Media, c.Native, c.ImpressionTrackers, c.ClickTrackers = x.ImageURL, x.Media, x.Native, x.ImpressionTrackers, x.ClickTrackers
	c.AppBundle, c.Taxonomy, c.APIs, c.Language, c.Weight, c.Approvals = x.AppBundle, x.Taxonomy, x.APIs, x.Language, x.Weight, x.Approvals
}

// creativeJSON returns the columns of domains, categories, attributes and
// content.
func creativeJSON(c *campaign.Creative) (columns [4]string, err error) {
	for i, v := range []any{c.Domains, c.Categories, c.Attributes, contentOf(c)} {
		if columns[i], err = toJSON(v); err != nil {
			return columns, err
		}
	}
	return columns, nil
}
