package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// registerCorrections adds credits, and the list of every correction.
func (s *server) registerCorrections(l Ledger) {
	spec := shapeOf[v1.CreditSpec](s.registry)
	add := func(path, one string, account func(context.Context, int64) (ledger.Account, error)) {
		op := s.operation(http.MethodPost, "/v1/"+path+"/{id}/credits", "credit", one, "Give back what was booked, by an entry of its own", spec.schema)
		register(s, op, func(ctx context.Context, in *patchInput) (*output[v1.Credit], error) {
			document, wrong := parseStrict(in.RawBody)
			if wrong != nil {
				return nil, malformed(wrong)
			}
			var credit v1.CreditSpec
			if err := spec.decode(document, &credit); err != nil {
				return nil, err
			}
			whose, err := account(ctx, in.ID)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			out, err := s.credit(ctx, l, whose, credit)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &output[v1.Credit]{out}, nil
		})
	}
	add("campaigns", "campaign", func(ctx context.Context, id int64) (ledger.Account, error) {
		c, err := s.store.GetCampaign(ctx, event.CampaignID(id))
		return ledger.Account{Advertiser: c.AdvertiserID, Campaign: c.ID}, err
	})
	add("line-items", "line item", func(ctx context.Context, id int64) (ledger.Account, error) {
		li, err := s.store.GetLineItem(ctx, event.LineItemID(id))
		return ledger.Account{Advertiser: li.AdvertiserID, Campaign: li.CampaignID, LineItem: li.ID}, err
	})

	s.registerReversals(l)
	op := s.operation(http.MethodGet, "/v1/corrections", "list", "corrections", "List credits and what was reconciled, in the order in which they were booked", nil)
	register(s, op, func(ctx context.Context, in *Paging) (*output[v1.Page[v1.Correction]], error) {
		all, err := l.Corrections(ctx, in.After, in.Limit+1) // one more tells whether there is a next page
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		var page v1.Page[v1.Correction]
		if len(all) > in.Limit {
			all = all[:in.Limit]
			page.NextAfter = all[in.Limit-1].ID
		}
		page.Items = slices.Grow([]v1.Correction{}, len(all))
		for i := range all {
			page.Items = append(page.Items, correctionOf(&all[i]))
		}
		return &output[v1.Page[v1.Correction]]{page}, nil
	})
}

// registerReversals adds the way to take a mistyped correction back.
func (s *server) registerReversals(l Ledger) {
	spec := shapeOf[v1.ReversalSpec](s.registry)
	op := s.operation(http.MethodPost, "/v1/corrections/{id}/reverse", "reverse", "correction", "Take a credit or what was reconciled back, once, by an entry of its own", spec.schema)
	register(s, op, func(ctx context.Context, in *patchInput) (*output[v1.Correction], error) {
		document, wrong := parseStrict(in.RawBody)
		if wrong != nil {
			return nil, malformed(wrong)
		}
		var reversal v1.ReversalSpec
		if err := spec.decode(document, &reversal); err != nil {
			return nil, err
		}
		if wrong := entryTexts(reversal.Reason, ""); wrong != nil {
			return nil, invalid(wrong)
		}
		c, err := l.Reverse(ctx, in.ID, reversal.Reason, caller(ctx, maxCorrectionCaller))
		switch {
		case errors.Is(err, ledger.ErrNoCorrection):
			return nil, s.problem(ctx, store.ErrNotFound)
		case errors.Is(err, ledger.ErrReversed):
			return nil, huma.NewError(http.StatusConflict, "refused: this correction is taken back already")
		case errors.Is(err, ledger.ErrNotReversible):
			return nil, huma.NewError(http.StatusConflict, "refused: this entry takes another one back, or moves money to another day; book a correction instead")
		case err != nil:
			return nil, s.problem(ctx, err)
		}
		return &output[v1.Correction]{correctionOf(&c)}, nil
	})
}

// credit books one. Its day ends at the advertiser's midnight.
func (s *server) credit(ctx context.Context, l Ledger, whose ledger.Account, spec v1.CreditSpec) (out v1.Credit, err error) {
	owner, err := s.store.GetAdvertiser(ctx, whose.Advertiser)
	if err != nil {
		return out, err
	}
	zone, err := time.LoadLocation(owner.TimeZone)
	if err != nil {
		return out, err
	}
	day, err := time.ParseInLocation(time.DateOnly, spec.Date, zone)
	if err != nil {
		return out, err // its shape was checked
	}
	noon := day.Add(12 * time.Hour) // within the day, whatever daylight saving does
	c := ledger.Correction{
		Kind: ledger.Credit, Reason: spec.Reason, Reference: spec.Reference, Account: whose,
		Day: campaign.PeriodOf(noon, zone), Currency: owner.Currency, Amount: -spec.Amount, At: noon,
		By: caller(ctx, maxCorrectionCaller),
	}
	if spec.Kind == "conversion" {
		c.Kind = ledger.Restated
	}
	wrong := entryTexts(spec.Reason, spec.Reference)
	for _, rule := range []struct {
		broken         bool
		field, message string
	}{
		{spec.Amount <= 0, "amount", "must be above 0"},
		{c.Day > campaign.PeriodOf(s.clock.Now(), zone), "date", "must not be in the future"},
		{spec.Date < "2000", "date", "must not be before the year 2000"},
		{strings.HasPrefix(spec.Reference, ledger.ReversalPrefix), "reference", "must not begin with " + strconv.Quote(ledger.ReversalPrefix)},
	} {
		if rule.broken {
			wrong = append(wrong, fault("body."+rule.field, rule.message))
		}
	}
	if wrong != nil {
		return out, invalid(wrong)
	}
	booked, err := l.Correct(ctx, c)
	switch credit, tooMuch := errors.AsType[*ledger.CreditError](err); {
	case tooMuch:
		return out, huma.NewError(http.StatusConflict, "refused: "+credit.Error()+" on the budgets of this campaign and advertiser")
	case errors.Is(err, ledger.ErrReference):
		return out, huma.NewError(http.StatusConflict, "refused: this reference is booked already for this advertiser, with another amount, day, reason or campaign")
	}
	return v1.Credit{CreditSpec: spec, Kind: string(c.Kind), Currency: owner.Currency, Booked: booked}, err
}

func correctionOf(c *ledger.BookedCorrection) v1.Correction {
	return v1.Correction{
		ID: c.ID, Kind: string(c.Kind), AdvertiserID: c.Advertiser, CampaignID: c.Campaign, LineItemID: c.LineItem, ExchangeID: c.Exchange,
		Date: c.Day.Date(), Amount: c.Amount, Impressions: float64(c.Impressions) / float64(event.OneImpression), Currency: c.Currency, Overrun: c.Overrun, Redated: c.Redated,
		Reverses: c.Reverses, Reason: c.Reason, Reference: c.Reference, By: c.By, BookedAt: c.BookedAt,
	}
}
