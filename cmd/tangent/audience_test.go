package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// An import from another process is seen by the bidder, and an erased user is
// not any more.
func TestAudienceImport(t *testing.T) {
	redis, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	data := t.TempDir()
	at := []string{"--data-dir", data, "--audience", redis.Addr()}
	users := "user,segment,expiry\nwalker-0042,7,30d\n"

	// Before the first start there are no secrets to hash users with.
	if status, _, errs := tangent(t, users, append([]string{"audience", "import", "-", "--consent"}, at...)...); status != 1 || !strings.Contains(errs, "secrets") {
		t.Errorf("without secrets: exit status %d, %s", status, errs)
	}
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
	bids := func() bool {
		body := strings.Replace(oneImp, `"id":"secret-user"`, `"id":"x","buyeruid":"walker-0042"`, 1)
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
	await(t, "no bids for users outside the segment", func() bool { return !bids() })

	// Nothing is imported without consent.
	if status, _, errs := tangent(t, users, append([]string{"audience", "import", "-"}, at...)...); status != 2 || !strings.Contains(errs, "consent") {
		t.Errorf("without --consent: exit status %d, %s", status, errs)
	}

	// Bad lines are told by number and left out.
	file := writeFile(t, "users.csv", users+"walker-0043,zero,30d\nwalker-0044,7\n,7,30d\nifa:11111111-2222-3333-4444-555555555555,7,2099-01-01T00:00:00Z\n")
	status, out, errs := tangent(t, "", append([]string{"audience", "import", file, "--consent", "--bad", "2"}, at...)...)
	if status != 0 || !strings.HasPrefix(out, "2 rows for 2 users imported") || !strings.Contains(out, "3 bad lines left out") {
		t.Errorf("exit status %d\n%s%s", status, out, errs)
	}
	for _, want := range []string{"line 3: segment", "line 4: want three fields", "and 1 more bad lines", "2 rows, 3 bad"} {
		if !strings.Contains(errs, want) {
			t.Errorf("no %q in:\n%s", want, errs)
		}
	}
	await(t, "bids for a user in the segment", bids)
	if found := redisHolds(t, redis, "walker", "11111111-2222"); found != "" {
		t.Errorf("Redis holds the user id in %s", found)
	}

	// Erased, by standard input, where no list of processes shows the id.
	if status, out, errs := tangent(t, "buyeruid:walker-0042\n", append([]string{"audience", "delete", "-"}, at...)...); status != 0 || !strings.HasPrefix(out, "erased: 1 ids, segments of 1") {
		t.Errorf("delete: exit status %d, %s%s", status, out, errs)
	}
	await(t, "no bids for an erased user", func() bool { return !bids() })

	for _, text := range []string{out, errs, s.errors.String()} {
		if strings.Contains(text, "walker-") || strings.Contains(text, "11111111-2222") {
			t.Errorf("a user id was written:\n%s", text)
		}
	}

	// Without Redis it fails, and says so.
	redis.Kill()
	if status, _, errs := tangent(t, users, append([]string{"audience", "import", "-", "--consent"}, at...)...); status != 1 || errs == "" {
		t.Errorf("without Redis: exit status %d, %s", status, errs)
	}
	if status, _, errs := tangent(t, users, "audience", "import", "-", "--consent", "--audience", "embedded", "--data-dir", data); status != 1 || !strings.Contains(errs, "embedded") {
		t.Errorf("into an embedded audience: exit status %d, %s", status, errs)
	}
}

// redisHolds returns the first key that has a word in its name or value.
func redisHolds(t *testing.T, redis *redistest.Server, words ...string) string {
	t.Helper()
	c := redis.Client()
	defer c.Close()
	keys, err := c.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) == 0 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for _, k := range keys {
		v, err := c.Get(t.Context(), k).Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if strings.Contains(k+v, w) {
				return k
			}
		}
	}
	return ""
}
