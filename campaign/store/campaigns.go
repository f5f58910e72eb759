package store

import (
	"context"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

var campaigns = kind[campaign.Campaign]{
	name: "campaign", table: "campaigns", alias: "c", parent: "advertiser_id",
	selectFrom: `SELECT c.id, c.advertiser_id, c.name, c.status, c.flight_start, c.flight_end, c.pacing, ` + budgetColumns +
		` FROM campaigns c` + budgetJoins("campaign", "c.id"),
	scan: func(r row) (c campaign.Campaign, err error) {
		b := &c.Budget
		err = r.Scan(&c.ID, &c.AdvertiserID, &c.Name, &c.Status, localTime{&c.Flight.Start}, localTime{&c.Flight.End}, &b.Pacing,
			&b.Lifetime, &b.LifetimeNode, &b.Daily, &b.DailyNode)
		return c, err
	},
}

// CreateCampaign adds a campaign and returns it with its id and budget nodes.
func (s *Store) CreateCampaign(ctx context.Context, c campaign.Campaign) (campaign.Campaign, error) {
	return write(ctx, s, "create a campaign", func(w *writing) (campaign.Campaign, error) {
		fresh(&c.ID, &c.Status)
		if err := c.Validate(); err != nil {
			return c, err
		}
		a, err := advertisers.get(ctx, w, int64(c.AdvertiserID))
		if err := asParent(err, a.Status, "advertiser_id", "advertiser"); err != nil {
			return c, err
		}
		id, err := w.take(ctx, "campaign", 1)
		if err != nil {
			return c, err
		}
		c.ID = event.CampaignID(id)
		err = w.insert(ctx, `campaigns (id, advertiser_id, name, status, flight_start, flight_end, pacing, revision)`,
			[][]any{{c.ID, c.AdvertiserID, c.Name, c.Status, c.Flight.Start.String(), c.Flight.End.String(), c.Budget.Pacing, w.revision}})
		if err != nil {
			return c, err
		}
		o, err := campaignOwner(a, c)
		if err != nil {
			return c, err
		}
		return c, w.insertNodes(ctx, o.newNodes(&c.Budget))
	})
}

// GetCampaign returns a campaign, or ErrNotFound.
func (s *Store) GetCampaign(ctx context.Context, id event.CampaignID) (campaign.Campaign, error) {
	return campaigns.get(ctx, s.db, int64(id))
}

// ListCampaigns returns a page of campaigns, of one advertiser or all.
func (s *Store) ListCampaigns(ctx context.Context, f Filter) ([]campaign.Campaign, error) {
	return campaigns.list(ctx, s.db, f)
}

// UpdateCampaign changes a campaign. Its budget nodes keep their ids. A zero
// AdvertiserID stands for the one it has; another is refused.
func (s *Store) UpdateCampaign(ctx context.Context, id event.CampaignID, change func(campaign.Campaign) (campaign.Campaign, error)) (campaign.Campaign, error) {
	return write(ctx, s, "update a campaign", func(w *writing) (campaign.Campaign, error) {
		was, c, err := campaigns.change(ctx, w, int64(id), change)
		if err != nil {
			return c, err
		}
		c.ID = id
		if err := keepParent("advertiser_id", was.AdvertiserID, &c.AdvertiserID); err != nil {
			return c, err
		}
		if err := c.Validate(); err != nil {
			return c, err
		}
		const update = `UPDATE campaigns SET name = $1, status = $2, flight_start = $3, flight_end = $4, pacing = $5, revision = $6 WHERE id = $7`
		_, err = w.ExecContext(ctx, update, c.Name, c.Status, c.Flight.Start.String(), c.Flight.End.String(), c.Budget.Pacing, w.revision, c.ID)
		if err != nil {
			return c, err
		}
		a, err := advertisers.get(ctx, w, int64(c.AdvertiserID))
		if err != nil {
			return c, err
		}
		o, err := campaignOwner(a, c)
		if err != nil {
			return c, err
		}
		if err := w.setBudget(ctx, o, &c.Budget); err != nil || was.Flight == c.Flight {
			return c, err
		}
		return c, w.moveFlights(ctx, o)
	})
}

// SetCampaignStatus pauses, resumes or archives a campaign.
func (s *Store) SetCampaignStatus(ctx context.Context, id event.CampaignID, to campaign.Status) (campaign.Campaign, error) {
	return campaigns.setStatus(ctx, s, int64(id), to)
}
