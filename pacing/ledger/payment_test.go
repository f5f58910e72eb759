package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func TestPayments(t *testing.T) {
	for name, empty := range map[string]func(testing.TB) string{"SQLite": newFile, "PostgreSQL": newDatabase} {
		for law, test := range map[string]func(*testing.T, *shop){
			"are what a prepaid advertiser may spend": testPaymentsAreWhatAPrepaidAdvertiserMaySpend,
			"come on top of a credit line":            testPaymentsComeOnTopOfACreditLine,
			"book once":                               testPaymentsBookOnce,
			"are refused":                             testPaymentsAreRefused,
			"go on for years":                         testPaymentsGoOnForYears,
			"are in backups":                          testPaymentsAreInBackups,
			"corrections reach the balance":           testCorrectionsReachTheBalance,
			"a correction is taken back once":         testACorrectionIsTakenBackOnce,
			"taking back undoes":                      testTakingBackUndoes,
		} {
			t.Run(name+"/"+law, func(t *testing.T) { test(t, newShop(t, empty)) })
		}
	}
}

// fund gives the shop's advertiser funding and returns its node.
func (s *shop) fund(f campaign.Funding) event.NodePeriod {
	s.t.Helper()
	ctx := context.Background()
	a, err := s.store.GetAdvertiser(ctx, s.account.Advertiser)
	if err == nil {
		a.Funding = f
		a, err = s.store.UpdateAdvertiser(ctx, a.ID, store.To(a))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return event.NodePeriod{Node: a.Funding.Node}
}

func (s *shop) payment(reference string, amount money.Nanos) Payment {
	return Payment{Advertiser: s.account.Advertiser, Amount: amount, Currency: "EUR", Reference: reference, Reason: "top-up", By: "accounting"}
}

func (s *shop) pay(reference string, amount money.Nanos) {
	s.t.Helper()
	if _, fresh, err := s.Pay(context.Background(), s.payment(reference, amount)); err != nil || !fresh {
		s.t.Fatalf("paid %t, %v", fresh, err)
	}
}

// refund returns what could be refunded at most, or -1 if this was.
func (s *shop) refund(reference string, amount money.Nanos) money.Nanos {
	s.t.Helper()
	_, _, err := s.Pay(context.Background(), s.payment(reference, -amount))
	if e, ok := errors.AsType[*RefundError](err); ok {
		return e.Most
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return -1
}

// balance returns how the advertiser's funding stands.
func (s *shop) balance() NodeReport {
	s.t.Helper()
	all, err := s.Report(context.Background(), Filter{Advertisers: []event.AdvertiserID{s.account.Advertiser}})
	if err != nil || len(all) != 1 {
		s.t.Fatalf("%+v, %v", all, err)
	}
	return all[0]
}

func testPaymentsAreWhatAPrepaidAdvertiserMaySpend(t *testing.T, s *shop) {
	root := s.fund(campaign.Funding{Kind: campaign.Prepaid})
	id := s.open("bidder")
	if got := s.grant(id, root, 10); got != 0 {
		t.Errorf("%d were granted before anything was paid", got)
	}
	s.pay("TR-1", 50)
	if got := s.grant(id, root, 60); got != 50 {
		t.Errorf("%d of 50 were granted", got)
	}
	e := s.billing(id, 1, 30, 30, root)
	e.Advertiser = s.account.Advertiser
	s.book(e)
	late := s.billing(id, 2, 40, 40, root)
	late.Advertiser = s.account.Advertiser
	s.book(late) // 20 of the slice, and nothing is free
	if r := s.balance(); r.Advertiser != s.account.Advertiser || r.Campaign != 0 || r.Paid != 50 || r.Limit != 50 || r.Booked != 70 || r.Outstanding != 0 || r.Overrun != 20 {
		t.Errorf("the balance is %+v", r)
	}
	s.pay("TR-2", 25)
	if got := s.grant(id, root, 60); got != 5 {
		t.Errorf("%d were granted, want what was paid less what was overdrawn: 5", got)
	}
}

func testPaymentsComeOnTopOfACreditLine(t *testing.T, s *shop) {
	root := s.fund(campaign.Funding{Kind: campaign.Credit, CreditLine: 100})
	id := s.open("bidder")
	if got := s.grant(id, root, 90); got != 90 {
		t.Errorf("%d of the credit line were granted, want 90", got)
	}
	s.pay("TR-1", 15)
	if most := s.refund("RF-1", 16); most != 15 {
		t.Errorf("%d could be refunded: a credit line is nothing to give back", most)
	}
	if got := s.grant(id, root, 90); got != 25 {
		t.Errorf("%d more were granted, want 25", got)
	}
	if most := s.refund("RF-1", 1); most != 0 {
		t.Errorf("%d could be refunded, with all of it in a bidder's hands", most)
	}
	s.fund(campaign.Funding{Kind: campaign.Prepaid}) // the line is cut below what is out
	if r := s.balance(); r.Limit != 15 || r.Outstanding != 115 {
		t.Errorf("the balance is %+v", r)
	}
}

// testPaymentsBookOnce sends the same payment from many at once.
func testPaymentsBookOnce(t *testing.T, s *shop) {
	s.fund(campaign.Funding{Kind: campaign.Prepaid})
	var wg sync.WaitGroup
	fresh := make([]bool, 8)
	for i := range fresh {
		wg.Go(func() {
			var err error
			if _, fresh[i], err = s.Pay(context.Background(), s.payment("TR-1", 50)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	booked := 0
	for _, f := range fresh {
		if f {
			booked++
		}
	}
	if r := s.balance(); booked != 1 || r.Paid != 50 {
		t.Errorf("booked %d times, the balance is %+v", booked, r)
	}
	if _, _, err := s.Pay(context.Background(), s.payment("TR-1", 51)); !errors.Is(err, ErrReference) {
		t.Errorf("the same reference with another amount: %v", err)
	}
	s.pay("TR-2", 1)
	all, err := s.Payments(context.Background(), s.account.Advertiser, 1, 5)
	if err != nil || len(all) != 1 || all[0].Payment != s.payment("TR-2", 1) || !all[0].BookedAt.Equal(noon) || all[0].ID != 2 {
		t.Errorf("the second is %+v, %v", all, err)
	}
}

func testPaymentsAreRefused(t *testing.T, s *shop) {
	if _, _, err := s.Pay(context.Background(), s.payment("TR-1", 5)); !errors.Is(err, ErrUnfunded) {
		t.Errorf("into no balance: %v", err)
	}
	s.fund(campaign.Funding{Kind: campaign.Prepaid})
	for name, change := range map[string]func(*Payment){
		"nothing":          func(p *Payment) { p.Amount = 0 },
		"too much":         func(p *Payment) { p.Amount = money.Cap + 1 },
		"no reason":        func(p *Payment) { p.Reason = "" },
		"no reference":     func(p *Payment) { p.Reference = "" },
		"nobody":           func(p *Payment) { p.By = "" },
		"not UTF-8":        func(p *Payment) { p.Reference = "\xff" },
		"long reason":      func(p *Payment) { p.Reason = strings.Repeat("x", 101) },
		"another currency": func(p *Payment) { p.Currency = "USD" },
		"unknown":          func(p *Payment) { p.Advertiser = 99 },
	} {
		p := s.payment("TR-1", 5)
		change(&p)
		if _, _, err := s.Pay(context.Background(), p); err == nil {
			t.Errorf("%s: booked", name)
		}
	}
	if most := s.refund("RF-1", 1); most != 0 {
		t.Errorf("%d could be refunded of nothing", most)
	}
	s.pay("TR-1", money.Cap)
	if _, _, err := s.Pay(context.Background(), s.payment("TR-2", 1)); !errors.Is(err, ErrTooMuch) {
		t.Errorf("more than can be counted: %v", err)
	}
	if r := s.balance(); r.Paid != money.Cap {
		t.Errorf("the balance is %+v", r)
	}
}

// What can be paid in depends on what is left to spend, not on what was spent
// before; until all of it together cannot be counted.
func testPaymentsGoOnForYears(t *testing.T, s *shop) {
	root := s.fund(campaign.Funding{Kind: campaign.Prepaid})
	for year := range uint64(8) {
		s.pay(fmt.Sprint("TR-", year), money.Cap)
		e := s.billing(1, year, money.Cap, money.Cap, root)
		e.Advertiser = s.account.Advertiser
		s.book(e)
	}
	if _, _, err := s.Pay(context.Background(), s.payment("TR-9", money.Cap)); !errors.Is(err, ErrPaidUp) {
		t.Errorf("more than can be counted: %v", err)
	}
	if r := s.balance(); r.Paid != 8*money.Cap || r.Booked != r.Paid || r.Overrun != 0 {
		t.Errorf("the balance is %+v", r)
	}
}

func testPaymentsAreInBackups(t *testing.T, s *shop) {
	root := s.fund(campaign.Funding{Kind: campaign.Credit, CreditLine: 10})
	s.pay("TR-1", 50)
	s.grant(s.open("bidder"), root, 45)
	backup, _ := s.backedUp()
	was := s.balance()
	restored := *s
	restored.world = join(t, &world{empty: s.empty, dsn: s.empty(t), clock: s.clock})
	if _, _, err := restored.Restore(context.Background(), bytes.NewReader(backup)); err != nil {
		t.Fatal(err)
	}
	if r := restored.balance(); r != was || r.Limit != 60 || r.Outstanding != 45 {
		t.Errorf("restored is %+v, want %+v", r, was)
	}
	if _, fresh, err := restored.Pay(context.Background(), s.payment("TR-1", 50)); err != nil || fresh {
		t.Errorf("a payment was booked again after a restore: %t, %v", fresh, err)
	}
	if most := restored.refund("RF-1", 16); most != 15 {
		t.Errorf("%d could be refunded after a restore, want 15", most)
	}
}

func testCorrectionsReachTheBalance(t *testing.T, s *shop) {
	s.fund(campaign.Funding{Kind: campaign.Prepaid})
	s.pay("TR-1", 50)
	s.correct(s.correction("a", 45))
	if most := s.refund("RF-1", 6); most != 5 {
		t.Errorf("%d could be refunded after a correction, want 5", most)
	}
	credit := s.correction("CN-1", -20)
	credit.Kind, credit.Exchange = Credit, 0
	s.correct(credit)
	if r := s.balance(); r.Booked != 25 || r.Media != 45 {
		t.Errorf("the balance is %+v", r)
	}
	if most := s.refund("RF-1", 26); most != 25 {
		t.Errorf("%d could be refunded after a credit, want 25", most)
	}
}

func testACorrectionIsTakenBackOnce(t *testing.T, s *shop) {
	ctx := context.Background()
	root := s.fund(campaign.Funding{Kind: campaign.Prepaid})
	s.pay("TR-1", 50)
	s.bill(1, 40)
	s.correct(s.correction("a", 30)) // the balance was not there when the bid left
	s.stands(root, 30, 0)
	s.correct(s.correction("CN-1", -500)) // 50 was meant
	s.stands(root, 0, 0)
	s.stands(s.life, 0, 0)
	c, err := s.Reverse(ctx, 2, "mistyped", "accounting")
	if err != nil || c.ID != 3 || c.Reverses != 2 || c.Kind != Reconciled || c.Amount != 500 || c.Overrun != 10 {
		t.Errorf("taken back: %+v, %v", c, err)
	}
	s.stands(root, 30, 0)
	s.stands(s.life, 70, 0)
	s.stands(s.daily, 70, 10)
	for id, want := range map[int64]error{2: ErrReversed, 3: ErrNotReversible, 4: ErrNoCorrection} {
		if _, err := s.Reverse(ctx, id, "again", "accounting"); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", id, err, want)
		}
	}
	redated := s.correction("b", 5)
	redated.Redated = true
	s.correct(redated)
	if _, err := s.Reverse(ctx, 4, "mistyped", "accounting"); !errors.Is(err, ErrNotReversible) {
		t.Errorf("half of a pair was taken back: %v", err)
	}
	if _, err := s.Reverse(ctx, 1, "", "accounting"); err == nil {
		t.Error("taken back without a reason")
	}
	if _, err := s.Reverse(ctx, 1, "never happened", "accounting"); err != nil {
		t.Fatal(err)
	}
	// For whoever compares, it is as if there had been none.
	sums, err := s.CorrectedSums(ctx, 1, "EUR", today, today)
	if want := (CorrectedSum{s.account, today, Reconciled, "unnotified", 5, 0}); err != nil || len(sums) != 1 || sums[0] != want {
		t.Errorf("sums %+v, %v; want %+v", sums, err, want)
	}
	totals, err := s.CorrectionTotals(ctx)
	if want := (CorrectionTotals{Currency: "EUR", Corrections: 5, Amount: 5, Overrun: totals[0].Overrun}); err != nil || totals[0] != want {
		t.Errorf("totals %+v, %v", totals, err)
	}
}

// testTakingBackUndoes: what a correction moved, taking it back at once moves
// back, to the nano, in every budget and account.
func testTakingBackUndoes(t *testing.T, s *shop) {
	s.fund(campaign.Funding{Kind: campaign.Prepaid})
	s.pay("TR-1", 90)
	ctx, n := context.Background(), uint64(0)
	state := func(rt *rapid.T) string {
		var all []string
		r, err := s.store.DB().QueryContext(ctx, `SELECT node, period, booked, media, overrun, outstanding, paid FROM balances WHERE booked <> 0 OR paid <> 0 ORDER BY node, period`)
		err = scanAll(r, err, func(r *sql.Rows) error {
			var v [7]int64
			err := r.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6])
			all = append(all, fmt.Sprint(v))
			return err
		})
		if err != nil {
			rt.Fatal(err)
		}
		return strings.Join(all, "\n")
	}
	rapid.Check(t, func(rt *rapid.T) {
		n++
		s.bill(n, money.Nanos(rapid.Int64Range(1, 20).Draw(rt, "bill")))
		before := state(rt)
		c := s.correction(fmt.Sprint(n), money.Nanos(rapid.Int64Range(-200, 200).Filter(func(x int64) bool { return x != 0 }).Draw(rt, "amount")))
		if c.Amount < 0 && rapid.Bool().Draw(rt, "credit") {
			c.Kind, c.Exchange = Credit, 0
		}
		_, err := s.Correct(ctx, c)
		if _, tooMuch := errors.AsType[*CreditError](err); tooMuch {
			c.Kind, c.Exchange = Reconciled, 1
			s.correct(c)
		} else if err != nil {
			rt.Fatal(err)
		}
		id, err := s.Corrections(ctx, int64(2*(n-1)), 1)
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := s.Reverse(ctx, id[0].ID, "mistyped", "accounting"); err != nil {
			rt.Fatal(err)
		}
		if after := state(rt); after != before {
			rt.Fatalf("after %v and back:\n%s\nbefore:\n%s", c.Amount, after, before)
		}
	})
}
