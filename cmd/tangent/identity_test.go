package main

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/audience/usersync"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given a segment under our id of a user, when a file of another process
// matches the exchange's id with it, then requests with the exchange's id
// alone find the segment. Bad lines are told by number and left out.
func TestIdentityImport(t *testing.T) {
	redis, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	data := t.TempDir()
	at := []string{"--data-dir", data, "--audience", redis.Addr()}
	s := serve(t, nil, nil, append(at, "--drain-time", "0s", "--tick", "50ms", "--catalog-refresh", "50ms")...)
	api := apiOf(t, s, data)
	campaigns := setUp(t, api, v1.Budget{Lifetime: 100 * money.Unit})
	buy(t, s)
	items, err := api.LineItems.List(t.Context(), campaigns[0].ID, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.LineItems.Update(t.Context(), items.Items[0].ID, map[string]any{
		"targeting": v1.Targeting{Segments: v1.SegmentList{Include: []event.SegmentID{7}}},
	}); err != nil {
		t.Fatal(err)
	}
	exchanges, err := api.Exchanges.List(t.Context(), 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	nth := slices.IndexFunc(exchanges.Items, func(e v1.Exchange) bool { return e.Name == "alpha" })
	alpha := strconv.FormatInt(int64(exchanges.Items[nth].ID), 10)
	bids := func(theirs string) bool {
		body := strings.Replace(oneImp, `"id":"secret-user"`, `"id":"`+theirs+`"`, 1)
		r, err := http.Post(s.exchanges+"/openrtb2/alpha", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		answer, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(answer), "seatbid")
	}
	await(t, "no bids for users outside the segment", func() bool { return !bids("their-42") })
	if status, _, errs := tangent(t, "walker-0042,7,30d\n", append([]string{"audience", "import", "-", "--consent"}, at...)...); status != 0 {
		t.Fatalf("segments: exit status %d, %s", status, errs)
	}
	if bids("their-42") {
		t.Error("a bid for an id that is matched with nobody")
	}
	importing := func(file string, more ...string) (status int, out, errs string) {
		args := append([]string{"identity", "import", file, "--exchange-id", alpha}, more...)
		return tangent(t, "", append(args, at...)...)
	}

	// Nothing is matched without consent, nor for an exchange that is none.
	file := writeFile(t, "matches.csv", "their-41,walker-0041\ntheir-43\n"+
		`{"uid":"their-42","id":"walker-0042"}`+"\n,walker-0044\ntheir-45,\n")
	if status, _, errs := importing(file); status != 2 || !strings.Contains(errs, "consent") {
		t.Errorf("without --consent: exit status %d, %s", status, errs)
	}
	for _, bad := range [][]string{{"--consent", "--exchange-id", "0"}, {"--consent", "--life", "1m"}} {
		if status, _, errs := importing(file, bad...); status != 1 || !strings.Contains(errs, "cannot import") {
			t.Errorf("%v: exit status %d, %s", bad, status, errs)
		}
	}
	if bids("their-42") {
		t.Error("what was refused was imported")
	}

	// As a table of one line, with progress and the bad lines beside it.
	status, table, told := importing(file, "--consent", "--bad", "2")
	if status != 0 || !strings.HasPrefix(table, "2 matches kept in ") || !strings.Contains(table, "3 bad lines left out") {
		t.Errorf("exit status %d\n%s%s", status, table, told)
	}
	for _, want := range []string{"] 5 lines, 3 bad", "line 2: want uid,id", "line 4: ", "and 1 more bad lines"} {
		if !strings.Contains(told, want) {
			t.Errorf("no %q in:\n%s", want, told)
		}
	}
	await(t, "bids for the exchange's id of a user in the segment", func() bool { return bids("their-42") })
	if bids("their-41") {
		t.Error("a bid for a user outside the segment")
	}

	// As JSON, which is all that is on standard output. Again is no harm.
	status, text, _ := importing(file, "--consent", "--json")
	var report usersync.ImportReport
	if err := json.Unmarshal([]byte(text), &report); err != nil || status != 0 || report.Lines != 5 || report.Matched != 2 || report.Bad != 3 {
		t.Errorf("exit status %d, %v: %s", status, err, text)
	}

	for _, text := range []string{table, told, s.errors.String()} {
		if strings.Contains(text, "walker-") || strings.Contains(text, "their-") {
			t.Errorf("a user id was written:\n%s", text)
		}
	}
	if found := redisHolds(t, redis, "walker", "their-"); found != "" {
		t.Errorf("Redis holds a user id in %s", found)
	}

	redis.Kill()
	if status, _, errs := importing(file, "--consent"); status != 1 || errs == "" {
		t.Errorf("without Redis: exit status %d, %s", status, errs)
	}
}
