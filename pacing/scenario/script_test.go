package scenario

import (
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign/store"
)

// play plays a script and returns it rewritten, and the error as text.
func play(t *testing.T, s *store.Store, script string, rewrite bool) (string, string) {
	t.Helper()
	is, err := Play(t.Context(), Config{Store: s}, []byte(script), rewrite)
	if err == nil {
		return string(is), ""
	}
	return string(is), err.Error()
}

func TestWhatAScriptGetsWrong(t *testing.T) {
	s := openStore(t)
	const begin = "campaign Boots lifetime 1.00 max 2.50\nbidder A\n"
	for script, want := range map[string]string{
		"spend Boots":                                        `line 1: "spend Boots": there is no verb "spend"`,
		"campaign Boots monthly 3":                           `line 1: .*"monthly" was not expected here`,
		"campaign Boots daily much":                          "line 1: ",
		"campaign Boots":                                     "line 1: ",
		"at noon":                                            "line 1: .*the time of day is missing",
		begin + "bidder A":                                   "line 3: .*runs already",
		begin + "bid b1 at 2":                                `line 3: .*"on CAMPAIGN" is missing`,
		begin + "bid b1 on Hats at 2":                        "line 3: .*there is no Hats",
		begin + "bid b1..a on Boots at 2":                    "line 3: .*not a run of bids",
		begin + "bill b1 at 2":                               "line 3: .*no bid b1 left",
		begin + "bid b1 on Boots at 99":                      "at the end: the last bid or refund was refused",
		begin + "kill B":                                     "line 3: .*no bidder B runs",
		begin + "at 2026-11-30 10:00":                        "line 3: .*that is over: it is 2026-12-01T12:00:00",
		begin + "expect wealth Boots 1":                      `line 3: .*nothing is called "wealth"`,
		begin + "expect booked":                              "line 3: ",
		begin + "slice now":                                  `line 3: .*"now" was not expected here`,
		begin + "# fine\n\nexpect taken 3":                   `line 5: "expect taken 3": it is 0`,
		begin + "bid b1 on Boots at 99\nslice":               "line 4: .*the bid or refund before was refused",
		begin + "bid b1 on Boots at 1\nbid b1 on Boots at 1": "line 4: .*left already",
		begin + "expect booked Boots 0.5\nexpect A fenced":   "line 3: .*it is 0\nline 4: .*it is ready",
		begin + "bid b1 on Boots at 2\nwin b1 via C":         "line 4: .*no bidder C runs",
		begin + "bid b1 on Boots at 2\nbill b1 4 2":          `line 4: .*"4" was not expected here`,
		"campaign Boots lifetime 1 daily 1\nbidder A\nexpect free Boots 1": "line 3: .*say daily or lifetime",
	} {
		_, got := play(t, s, script, false)
		for _, part := range strings.Split(want, ".*") {
			at := strings.Index(got, part)
			if at < 0 {
				t.Errorf("%q fails with %q, want %q", script, got, want)
				break
			}
			got = got[at+len(part):]
		}
	}
}

func TestRewriteKeepsEverythingButTheValues(t *testing.T) {
	const script = `# a comment
campaign Boots lifetime 1.00 max 2.50
bidder A

bid b1..b3 on Boots at 2.50
  expect taken 7     # of three
expect   held Boots 0.00750
bill b1 at 2.10
expect booked Boots x#nothing
expect A ready`
	s := openStore(t)
	want := strings.NewReplacer("taken 7", "taken 3", "Boots x#", "Boots 0.0021#").Replace(script)
	if got, err := play(t, s, script, true); got != want || err != "" {
		t.Errorf("rewritten to:\n%s\n%s", got, err)
	}
	if got, err := play(t, s, want, false); got != want || err != "" {
		t.Errorf("then it plays as:\n%s\n%s", got, err)
	}
}

// TestLawsAreChecked: what the ledger says is not believed.
func TestLawsAreChecked(t *testing.T) {
	w, err := NewWorld(t.Context(), Config{Store: openStore(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	p := &player{World: w}
	for _, line := range strings.Split("campaign Boots lifetime 1.00 max 2.50\nbidder A\nbid b1..b2 on Boots at 2.50\nbill b1 at 2.10", "\n") {
		if err := p.line(t.Context(), &line); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ tamper, law string }{ // one after the other
		{`UPDATE balances SET booked = booked + 1`, "the exchange billed"},
		{`UPDATE balances SET booked = booked - 1, overrun = booked + 1`, "stands at"},
	} {
		if _, err := w.store.DB().Exec(c.tamper); err != nil {
			t.Fatal(err)
		}
		if err := w.Check(t.Context()); err == nil || !strings.Contains(err.Error(), c.law) {
			t.Errorf("after %q: %v, want: %s", c.tamper, err, c.law)
		}
	}
	if err := w.Book(t.Context(), func() error { return nil }); err == nil || !strings.Contains(err.Error(), "without cover") {
		t.Errorf("an overrun that was not stated: %v", err)
	}
	if _, err := w.store.DB().Exec(`UPDATE slices SET granted = booked`); err != nil {
		t.Fatal(err)
	}
	if err := w.checkMemory(t.Context(), w.bidders["A"]); err == nil || !strings.Contains(err.Error(), "believes") {
		t.Errorf("a memory of money that was not granted: %v", err)
	}
}
