package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func TestCorrections(t *testing.T) {
	for name, empty := range map[string]func(testing.TB) string{"SQLite": newFile, "PostgreSQL": newDatabase} {
		for law, test := range map[string]func(*testing.T, *shop){
			"move balances and totals":      testCorrectionMovesBalancesAndTotals,
			"lower overrun first":           testCreditLowersOverrunFirst,
			"give back no more than booked": testCreditGivesBackNoMoreThanBooked,
			"know the advertiser's day":     testCorrectionKnowsTheAdvertisersDay,
			"book once":                     testCorrectionBooksOnce,
			"are in later budgets":          testLifetimeBudgetCountsWhatWasSpentBefore,
			"credit what is booked":         testCreditOfMoreThanIsBooked,
			"credit once per reference":     testCreditReferenceIsOfOneCredit,
			"book all or none":              testCorrectionsBookAllOrNone,
			"are found per day and account": testCorrectionsAreFoundPerDayAndAccount,
			"are what billing reads":        testBilled,
			"keep balances the truth":       testBalancesAreBookingsAndCorrections,
			"never overflow totals":         testTotalsBeyondWhatAnAmountCanBe,
		} {
			t.Run(name+"/"+law, func(t *testing.T) { test(t, newShop(t, empty)) })
		}
	}
}

// shop is a world with a line item in a campaign of Tokyo: the campaign may
// spend 100 in all, the line item 60 per day.
type shop struct {
	*world
	account     Account
	life, daily event.NodePeriod
	day         event.Period
}

func newShop(t *testing.T, empty func(testing.TB) string) *shop {
	t.Helper()
	s := &shop{world: newWorld(t, empty), day: today}
	ctx := context.Background()
	a, err := s.store.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Shoes", TimeZone: "Asia/Tokyo", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.store.CreateCampaign(ctx, campaign.Campaign{AdvertiserID: a.ID, Name: "Spring", Budget: campaign.Budget{Lifetime: 100}})
	if err != nil {
		t.Fatal(err)
	}
	li, err := s.store.CreateLineItem(ctx, campaign.LineItem{CampaignID: c.ID, Name: "Boots", Budget: campaign.Budget{Daily: 60},
		Goal: campaign.Goal{Kind: campaign.CPM, Amount: money.Unit}, MaxBidCPM: money.Unit})
	if err != nil {
		t.Fatal(err)
	}
	s.account = Account{a.ID, c.ID, li.ID}
	s.life = event.NodePeriod{Node: c.Budget.LifetimeNode}
	s.daily = event.NodePeriod{Node: li.Budget.DailyNode, Period: today}
	return s
}

// bill books a notice of the line item.
func (s *shop) bill(seq uint64, amount money.Nanos) {
	s.t.Helper()
	e := s.billing(1, seq, amount, amount, s.daily, s.life)
	e.Advertiser, e.Campaign, e.LineItem = s.account.Advertiser, s.account.Campaign, s.account.LineItem
	s.book(e)
}

func (s *shop) correction(reference string, amount money.Nanos) Correction {
	return Correction{Kind: Reconciled, Reason: "unnotified", Reference: reference, Exchange: 1, Account: s.account,
		Day: s.day, Currency: "EUR", Amount: amount, By: "auditor"}
}

func (s *shop) correct(c Correction) bool {
	s.t.Helper()
	booked, err := s.Correct(context.Background(), c)
	if err != nil {
		s.t.Fatal(err)
	}
	return booked
}

// stands compares booked, overrun of a budget.
func (s *shop) stands(n event.NodePeriod, booked, overrun money.Nanos) {
	s.t.Helper()
	var got, over money.Nanos
	err := s.store.DB().QueryRow(`SELECT booked, overrun FROM balances WHERE node = $1 AND period = $2`, int64(n.Node), int64(n.Period)).Scan(&got, &over)
	if err != nil || got != booked || over != overrun {
		s.t.Errorf("%v: booked %d, overrun %d, want %d, %d (%v)", n, got, over, booked, overrun, err)
	}
}

func testCorrectionMovesBalancesAndTotals(t *testing.T, s *shop) {
	s.bill(1, 40)
	s.correct(s.correction("a", 30))
	s.stands(s.life, 70, 0)
	s.stands(s.daily, 70, 10)
	s.correct(s.correction("b", 50))
	s.stands(s.life, 120, 20)
	s.stands(s.daily, 120, 60)

	all, err := s.CorrectionTotals(context.Background())
	if want := (CorrectionTotals{Currency: "EUR", Corrections: 2, Amount: 80, Overrun: 60}); err != nil || len(all) != 1 || all[0] != want {
		t.Errorf("totals %+v, %v; want %+v", all, err, want)
	}
	totals, err := s.Totals(context.Background())
	if err != nil || len(totals) != 1 || totals[0].Amount != 40 || totals[0].Bookings != 1 {
		t.Errorf("the notices' totals moved: %+v, %v", totals, err)
	}
	reports, err := s.Report(context.Background(), Filter{LineItems: []event.LineItemID{s.account.LineItem}})
	if err != nil || len(reports) != 1 || reports[0].Booked != 120 || reports[0].Overrun != 60 {
		t.Errorf("report %+v, %v", reports, err)
	}
	if got := s.grant(s.open("a"), s.life, 50); got != 0 {
		t.Errorf("granted %d of a budget that corrections used up", got)
	}
}

func testCreditLowersOverrunFirst(t *testing.T, s *shop) {
	s.bill(1, 130)
	s.stands(s.life, 130, 30)
	credit := s.correction("note 7", -50)
	credit.Kind, credit.Exchange = Credit, 0
	s.correct(credit)
	s.stands(s.life, 80, 0)
	s.stands(s.daily, 80, 20)
	if got := s.grant(s.open("a"), s.life, 50); got != 20 {
		t.Errorf("granted %d after the credit, want the 20 that are free", got)
	}
}

func testCreditGivesBackNoMoreThanBooked(t *testing.T, s *shop) {
	s.bill(1, 30)
	s.correct(s.correction("a", -45))
	s.stands(s.life, 0, 0)
	s.stands(s.daily, 0, 0)
	if got := s.grant(s.open("a"), s.life, 500); got != 100 {
		t.Errorf("granted %d of a budget of 100", got)
	}
}

// A credit of more than is booked is refused: the rest would be given to nobody.
func testCreditOfMoreThanIsBooked(t *testing.T, s *shop) {
	ctx := context.Background()
	s.bill(1, 30)
	s.day++ // the daily budget of another day
	credit := s.correction("CN-1", -31)
	credit.Kind, credit.Exchange = Credit, 0
	_, err := s.Correct(ctx, credit)
	if e, ok := errors.AsType[*CreditError](err); !ok || e.Most != 30 {
		t.Errorf("31 of 30: %v", err)
	}
	s.stands(s.life, 30, 0)
	credit.Amount = -30
	s.correct(credit)
	s.stands(s.life, 0, 0)
	if s.correct(credit) {
		t.Error("booked again")
	}
}

// Of an advertiser, a credit's reference is of one credit, whatever else it says.
func testLifetimeBudgetCountsWhatWasSpentBefore(t *testing.T, s *shop) {
	s.bill(1, 30)
	s.correct(s.correction("a", -4))
	set := func(lifetime money.Nanos) event.NodePeriod {
		t.Helper()
		ctx := context.Background()
		li, err := s.store.GetLineItem(ctx, s.account.LineItem)
		if err == nil {
			li.Budget.Lifetime = lifetime
			li, err = s.store.UpdateLineItem(ctx, li.ID, store.To(li))
		}
		if err != nil {
			t.Fatal(err)
		}
		return event.NodePeriod{Node: li.Budget.LifetimeNode}
	}
	node, id := set(50), s.open("bidder")
	s.stands(node, 26, 0)
	if got := s.grant(id, node, 500); got != 24 {
		t.Errorf("granted %d of 50, of which 26 are spent", got)
	}
	set(60)
	s.stands(node, 26, 0)
	set(0)
	s.bill(2, 10) // by a bid that does not know of it
	if again := set(70); again != node {
		t.Errorf("the budget is %v, and was %v", again, node)
	}
	s.stands(node, 36, 0)
}

func testCreditReferenceIsOfOneCredit(t *testing.T, s *shop) {
	ctx := context.Background()
	s.bill(1, 60)
	credit := s.correction("CN-1", -5)
	credit.Kind, credit.Exchange = Credit, 0
	s.correct(credit)
	for name, change := range map[string]func(*Correction){
		"amount":  func(c *Correction) { c.Amount = -6 },
		"day":     func(c *Correction) { c.Day++ },
		"reason":  func(c *Correction) { c.Reason = "make-good" },
		"kind":    func(c *Correction) { c.Kind = Restated },
		"account": func(c *Correction) { c.LineItem = 0 },
	} {
		other := credit
		change(&other)
		if _, err := s.Correct(ctx, other); !errors.Is(err, ErrReference) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	s.stands(s.life, 55, 0)
	if c, err := s.Reverse(ctx, 1, "unnotified", "auditor"); err != nil || c.Reference != "reversal of 1" {
		t.Errorf("%+v, %v", c, err)
	}
	credit.Reference = "reversal of 2"
	if _, err := s.Correct(ctx, credit); err == nil {
		t.Error("booked by a reference of the ledger's own")
	}
}

func testCorrectionKnowsTheAdvertisersDay(t *testing.T, s *shop) {
	c := s.correction("a", 5)
	c.At = noon.AddDate(0, 0, 0).Add(4 * 3600e9) // 01:00 of the next day in Tokyo
	s.correct(c)
	s.stands(event.NodePeriod{Node: s.daily.Node, Period: today + 1}, 5, 0)
	whole := s.correction("b", 7)
	whole.LineItem = 0
	s.correct(whole)
	s.stands(s.life, 12, 0)
	s.stands(event.NodePeriod{Node: s.daily.Node, Period: today + 1}, 5, 0)
	moved := s.correction("c", 9)
	moved.Redated = true
	s.correct(moved)
	s.stands(s.life, 12, 0)
}

func testCorrectionBooksOnce(t *testing.T, s *shop) {
	ctx := context.Background()
	c := s.correction("a", 5)
	if !s.correct(c) || s.correct(c) {
		t.Error("want it booked the first time only")
	}
	s.stands(s.life, 5, 0)
	other := c
	other.Amount = 6
	if _, err := s.Correct(ctx, other); !errors.Is(err, ErrReference) {
		t.Errorf("another amount under the same reference: %v", err)
	}
	last, err := s.LastCorrection(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	two := []Correction{s.correction("b", 1), s.correction("c", 2)}
	if r, err := s.CorrectAll(ctx, 1, last, two); err != nil || r.Booked != 2 || r.Amount != 3 {
		t.Errorf("got %+v, %v", r, err)
	}
	if r, err := s.CorrectAll(ctx, 1, last, two); err != nil || r.Booked != 0 || r.Known != 2 {
		t.Errorf("the same again: %+v, %v", r, err)
	}
	if _, err := s.CorrectAll(ctx, 1, last, []Correction{s.correction("d", 1)}); !errors.Is(err, ErrCorrected) {
		t.Errorf("compared before others were booked: %v", err)
	}
	s.stands(s.life, 8, 0)
}

func testCorrectionsBookAllOrNone(t *testing.T, s *shop) {
	ctx := context.Background()
	for name, change := range map[string]func(*Correction){
		"no kind":             func(c *Correction) { c.Kind = "gift" },
		"positive credit":     func(c *Correction) { c.Kind = Credit },
		"no reason":           func(c *Correction) { c.Reason = "" },
		"no reference":        func(c *Correction) { c.Reference = "" },
		"long reference":      func(c *Correction) { c.Reference = strings.Repeat("x", 201) },
		"reference not UTF-8": func(c *Correction) { c.Reference = "\xff" },
		"nobody":              func(c *Correction) { c.By = "" },
		"nothing":             func(c *Correction) { c.Amount = 0 },
		"too much":            func(c *Correction) { c.Amount = money.Cap + 1 },
		"no exchange":         func(c *Correction) { c.Exchange = 0 },
		"no account":          func(c *Correction) { c.LineItem, c.Campaign = 0, 0 },
		"unknown line item":   func(c *Correction) { c.LineItem = 999 },
		"another's line item": func(c *Correction) { c.Advertiser++ },
		"no such day":         func(c *Correction) { c.Day = 20260230 },
		"no day":              func(c *Correction) { c.Day = 0 },
		"another currency":    func(c *Correction) { c.Currency = "USD" },
		"no currency":         func(c *Correction) { c.Currency = "" },
		"backward count":      func(c *Correction) { c.Impressions = -1 },
		"counted credit":      func(c *Correction) { c.Kind, c.Amount, c.Impressions = Credit, -5, -1 },
		"too many":            func(c *Correction) { c.Impressions = maxCorrected + 1 },
	} {
		bad := s.correction("bad", 5)
		change(&bad)
		if _, err := s.CorrectAll(ctx, bad.Exchange, 0, []Correction{s.correction("good", 5), bad}); err == nil {
			t.Errorf("%s: booked", name)
		}
		if _, err := s.Correct(ctx, bad); err == nil {
			t.Errorf("%s: booked alone", name)
		}
	}
	if all, err := s.Corrections(ctx, 0, 10); err != nil || len(all) != 0 {
		t.Errorf("refused corrections left %v, %v", all, err)
	}
	if _, err := s.CorrectAll(ctx, 1, 0, make([]Correction, MaxCorrections+1)); err == nil {
		t.Error("booked more than a transaction bears")
	}
}

func testCorrectionsAreFoundPerDayAndAccount(t *testing.T, s *shop) {
	ctx := context.Background()
	s.correct(s.correction("a", 5))
	counted := s.correction("b", 6)
	counted.Impressions = 7
	s.correct(counted)
	next := s.correction("a", -2)
	next.Day++
	s.correct(next)
	sums, err := s.CorrectedSums(ctx, 1, "EUR", today, today)
	if want := (CorrectedSum{s.account, today, Reconciled, "unnotified", 11, 7}); err != nil || len(sums) != 1 || sums[0] != want {
		t.Errorf("got %+v, %v; want %+v", sums, err, want)
	}
	for _, none := range []struct {
		exchange event.ExchangeID
		currency string
	}{{2, "EUR"}, {1, "USD"}} {
		if sums, err := s.CorrectedSums(ctx, none.exchange, none.currency, today, today+1); err != nil || len(sums) != 0 {
			t.Errorf("%v: got %+v, %v", none, sums, err)
		}
	}
	all, err := s.Corrections(ctx, 1, 1)
	if err != nil || len(all) != 1 || all[0].ID != 2 || all[0].Reference != "b" || all[0].By != "auditor" || !all[0].BookedAt.Equal(noon) || all[0].Account != s.account || all[0].Impressions != 7 {
		t.Errorf("the second entry is %+v, %v", all, err)
	}
}

func testBilled(t *testing.T, s *shop) {
	ctx := context.Background()
	plain, unpriced, disputed, expired := s.billing(1, 1, 5, 9), s.billing(1, 2, 0, 7), s.billing(1, 3, 12, 10), s.billing(1, 4, 3, 9)
	unpriced.PriceState = event.PriceMissing
	expired.Expired = true
	disputed.IssuedAt = noon.AddDate(0, 0, -1)
	other := s.billing(1, 5, 1, 1)
	other.Exchange = 2
	s.book(plain, unpriced, disputed, expired, other)

	midnight := noon.Add(-12 * 3600e9)
	all, err := s.Billed(ctx, 1, "EUR", midnight, midnight.AddDate(0, 0, 1))
	if want := (Billed{Account{1, 1, 1}, 3, 3 * event.OneImpression, 22, 2, 7}); err != nil || len(all) != 1 || all[0] != want {
		t.Errorf("billed %+v, %v; want %+v", all, err, want)
	}
	if all, err := s.Billed(ctx, 1, "EUR", midnight.AddDate(0, 0, 1), midnight.AddDate(0, 0, 2)); err != nil || len(all) != 0 {
		t.Errorf("billed the day after: %+v, %v", all, err)
	}
	var later, late []BilledBid
	if err := s.EachBilledLater(ctx, 1, "EUR", midnight, midnight.AddDate(0, 0, 1), func(b BilledBid) { later = append(later, b) }); err != nil {
		t.Fatal(err)
	}
	if len(later) != 1 || later[0].Amount != 10 || !later[0].IssuedAt.Equal(disputed.IssuedAt) || !later[0].OccurredAt.Equal(noon) {
		t.Errorf("later %+v", later)
	}
	if err := s.EachExpired(ctx, 1, "EUR", midnight, midnight.AddDate(0, 0, 1), func(b BilledBid) { late = append(late, b) }); err != nil {
		t.Fatal(err)
	}
	if len(late) != 1 || late[0].Amount != 3 {
		t.Errorf("expired %+v", late)
	}
	bids, err := s.BilledBids(ctx, []event.BidID{disputed.Bid, unpriced.Bid, expired.Bid, event.NewBidID(7, 7)})
	if err != nil || len(bids) != 3 || bids[disputed.Bid].Disputed != 2 || !bids[unpriced.Bid].Unpriced || !bids[expired.Bid].Expired || bids[expired.Bid].Amount != 3 {
		t.Errorf("bids %+v, %v", bids, err)
	}
}

// testBalancesAreBookingsAndCorrections books and corrects at random: every
// balance stays the sum of its entries, and nothing falls below zero.
func testBalancesAreBookingsAndCorrections(t *testing.T, s *shop) {
	ctx, n := context.Background(), uint64(0)
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			n++
			if rapid.Bool().Draw(rt, "bill") {
				s.bill(n, money.Nanos(rapid.Int64Range(1, 80).Draw(rt, "amount")))
				continue
			}
			c := s.correction(fmt.Sprint(n), money.Nanos(rapid.Int64Range(-200, 100).Draw(rt, "correction")))
			if c.Amount != 0 {
				s.correct(c)
			}
		}
		r, err := s.store.DB().QueryContext(ctx, `SELECT booked, overrun,
			(SELECT COALESCE(SUM(b.amount), 0) FROM bookings b JOIN booking_nodes n ON n.cursor = b.cursor WHERE n.node = x.node AND n.period = x.period)
			+ (SELECT COALESCE(SUM(n.amount), 0) FROM correction_nodes n WHERE n.node = x.node AND n.period = x.period),
			(SELECT COALESCE(SUM(n.overrun), 0) FROM booking_nodes n WHERE n.node = x.node AND n.period = x.period)
			+ (SELECT COALESCE(SUM(n.overrun), 0) FROM correction_nodes n WHERE n.node = x.node AND n.period = x.period) FROM balances x`)
		err = scanAll(r, err, func(r *sql.Rows) error {
			var booked, overrun, entries, over int64
			if err := r.Scan(&booked, &overrun, &entries, &over); err != nil {
				return err
			}
			if booked != entries || overrun != over || booked < 0 || overrun < 0 || overrun > booked {
				rt.Fatalf("booked %d, overrun %d; its entries say %d, %d", booked, overrun, entries, over)
			}
			return nil
		})
		if err != nil {
			rt.Fatal(err)
		}
	})
}
