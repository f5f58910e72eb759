package store

import (
	"context"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

var creatives = kind[campaign.Creative]{
	name: "creative", table: "creatives", alias: "cr", parent: "line_item_id",
	selectFrom: `SELECT cr.id, cr.line_item_id, cr.name, cr.status, cr.width, cr.height, cr.markup, cr.landing_url,
		cr.domains, cr.categories, cr.attributes, cr.secure FROM creatives cr`,
	scan: func(r row) (c campaign.Creative, err error) {
		err = r.Scan(&c.ID, &c.LineItemID, &c.Name, &c.Status, &c.Size.W, &c.Size.H, &c.Markup, &c.LandingURL,
			fromJSON{&c.Domains}, fromJSON{&c.Categories}, fromJSON{&c.Attributes}, &c.Secure)
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

// UpdateCreative replaces a creative. A zero LineItemID stands for the one it
// has; another is refused.
func (s *Store) UpdateCreative(ctx context.Context, c campaign.Creative) (campaign.Creative, error) {
	return write(ctx, s, "update a creative", func(w *writing) (campaign.Creative, error) {
		was, err := creatives.open(ctx, w, int64(c.ID))
		if err != nil {
			return c, err
		}
		if err := keepParent("line_item_id", was.LineItemID, &c.LineItemID); err != nil {
			return c, err
		}
		if err := c.Validate(); err != nil {
			return c, err
		}
		lists, err := creativeJSON(&c)
		if err != nil {
			return c, err
		}
		const update = `UPDATE creatives SET name = $1, status = $2, width = $3, height = $4, markup = $5, landing_url = $6,
			domains = $7, categories = $8, attributes = $9, secure = $10, revision = $11 WHERE id = $12`
		_, err = w.ExecContext(ctx, update, c.Name, c.Status, c.Size.W, c.Size.H, c.Markup, c.LandingURL,
			lists[0], lists[1], lists[2], c.Secure, w.revision, c.ID)
		return c, err
	})
}

// SetCreativeStatus pauses, resumes or archives a creative.
func (s *Store) SetCreativeStatus(ctx context.Context, id event.CreativeID, to campaign.Status) (campaign.Creative, error) {
	return creatives.setStatus(ctx, s, int64(id), to)
}

// creativeJSON returns the columns of domains, categories and attributes.
func creativeJSON(c *campaign.Creative) (lists [3]string, err error) {
	for i, list := range []any{c.Domains, c.Categories, c.Attributes} {
		if lists[i], err = toJSON(list); err != nil {
			return lists, err
		}
	}
	return lists, nil
}
