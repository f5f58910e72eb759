package api

import (
	"context"
	"log/slog"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Config is what the API stands on.
type Config struct {
	Store    Store    // campaign/store
	Keys     Keys     // campaign/store
	Delivery Delivery // what became of budgets
	Ledger   Ledger   // pacing/ledger
	Erasures Erasures // of users: optional
	Clock    clock.Clock

	// Service reports the state of the server for GET /v1/status.
	Service func(context.Context) v1.Service

	// Changed, if given, is called after every write that succeeded, so that
	// the catalog is refreshed at once rather than at its next poll. It must
	// return at once and be safe for concurrent use.
	Changed func()

	Version string        // of the program, for the OpenAPI document
	Timeout time.Duration // for one request; 10 s if zero
	Logger  *slog.Logger  // for internal errors; slog.Default() if nil
}

// Ledger keeps the guard, payments and corrections; *ledger.Ledger does. All
// are durable when they return.
type Ledger interface {
	Guard(context.Context) (ledger.Guard, error)
	SetGuard(ctx context.Context, stopped bool, reason, by string) (ledger.Guard, error)

	// Pay returns false if the payment's reference was booked before.
	Pay(context.Context, ledger.Payment) (ledger.BookedPayment, bool, error)
	// Payments returns up to limit of an advertiser's after an id, in order.
	Payments(ctx context.Context, id event.AdvertiserID, after int64, limit int) ([]ledger.BookedPayment, error)

	// Correct returns false if the correction's reference was booked before.
	Correct(context.Context, ledger.Correction) (bool, error)
	// Reverse takes a correction back.
	Reverse(ctx context.Context, id int64, reason, by string) (ledger.BookedCorrection, error)
	// Shading returns what bids of each arm came to.
	Shading(context.Context, ledger.ShadingFilter) ([]ledger.ShadingSum, error)
	// Corrections returns up to limit of them after an id, in order.
	Corrections(ctx context.Context, after int64, limit int) ([]ledger.BookedCorrection, error)
}

// Delivery reads what became of budgets, from the ledger and the plan.
type Delivery interface {
	// CampaignDelivery and LineItemDelivery return the periods of the thing's
	// own budgets; no periods if it has none. Unknown ids are
	// store.ErrNotFound.
	CampaignDelivery(context.Context, event.CampaignID) (v1.Delivery, error)
	LineItemDelivery(context.Context, event.LineItemID) (v1.Delivery, error)
	// LineItemWhy returns why a line item does not spend, counted over some
	// days. Unknown ids are store.ErrNotFound.
	LineItemWhy(ctx context.Context, id event.LineItemID, days int) (v1.Why, error)
	// LineItemFrontier returns what a line item's budget buys, and what another
	// would. Unknown ids are store.ErrNotFound.
	LineItemFrontier(context.Context, event.LineItemID) (v1.Frontier, error)
	// LineItemPacing returns how a line item's budgets stand beside their plans.
	// Unknown ids are store.ErrNotFound.
	LineItemPacing(context.Context, event.LineItemID) (v1.Pacing, error)
	// AdvertiserBalance returns how an advertiser's funding stands, or
	// ledger.ErrUnfunded.
	AdvertiserBalance(context.Context, event.AdvertiserID) (v1.Balance, error)
}
