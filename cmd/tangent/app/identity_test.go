package app_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

const uploadKey = "upload-key-of-alpha"

// syncing writes the settings of a user sync with alpha.
func syncing(t *testing.T) func(*app.Config) {
	path := filepath.Join(t.TempDir(), "sync.json")
	settings := fmt.Sprintf(`{"exchanges":{"alpha":{"upload_key_sha256":"%x"}}}`, sha256.Sum256([]byte(uploadKey)))
	if err := os.WriteFile(path, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(c *app.Config) { c.UserSync = path }
}

// browse asks as a browser with a cookie does, and returns the cookie that it
// has afterwards.
func (w *world) browse(path, cookie string) string {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodGet, w.app.URL()+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if cookie != "" {
		req.Header.Set("Cookie", "tuid="+cookie)
	}
	r, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	if _, _ = io.Copy(io.Discard, r.Body); r.StatusCode != http.StatusOK {
		w.t.Fatalf("status %d", r.StatusCode)
	}
	for _, c := range r.Cookies() {
		if c.Name == "tuid" {
			cookie = c.Value
		}
	}
	return cookie
}

// upload posts matches as alpha does.
func (w *world) upload(lines string) (status int, report string) {
	w.t.Helper()
	// A body of no stated length is sent in chunks.
	req, err := http.NewRequest(http.MethodPost, w.app.URL()+"/sync/alpha/upload", io.MultiReader(strings.NewReader(lines)))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+uploadKey)
	r, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// bidsFor says whether there is a bid on alpha for a user by the exchange's id
// and ours, either of which may be empty.
func (w *world) bidsFor(theirs, ours string) bool {
	w.t.Helper()
	s, _ := w.ask("alpha", strings.Replace(request(ours, ""), `"id":"x"`, fmt.Sprintf(`"id":%q`, theirs), 1))
	return s != nil
}

// Given a browser that the exchange sent to us, and a segment under our id,
// then bid requests with either id find it, and with an id that the exchange
// uploads; until the user is erased, or opts out.
func TestIdentityFromSyncToErasure(t *testing.T) {
	w := newWorld(t, syncing(t))
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, func(li *v1.LineItemSpec) { li.Targeting.Segments.Include = []event.SegmentID{7} })
	import7 := func(id string) {
		t.Helper()
		if err := w.app.ImportAudience(t.Context(), strings.NewReader(id+",7,30d\n")); err != nil {
			t.Fatal(err)
		}
	}

	var cookie string
	w.await("the exchange is known", func() bool {
		status, _ := w.get(w.app.URL() + "/sync/alpha?gdpr=0")
		return status == http.StatusOK
	})
	cookie = w.browse("/sync/alpha?uid=walker-theirs&gdpr=0", "")
	ours, _, _ := strings.Cut(cookie, ".")
	if ours == "" {
		t.Fatal("no cookie")
	}
	import7(ours)
	w.await("a bid by our id", func() bool { return w.bidsFor("", ours) })
	w.await("a bid by the exchange's", func() bool { return w.bidsFor("walker-theirs", "") })
	if w.bidsFor("somebody", "nobody") {
		t.Error("a bid for a stranger")
	}

	// The exchange uploads matches, most of them of others, more than the
	// server takes as a bid request.
	var lines strings.Builder
	for i := range 200 {
		fmt.Fprintf(&lines, "stranger-%d,unknown-%d\n", i%100, i%100)
	}
	lines.WriteString("no match\nrunner-theirs,runner-ours\n")
	status, report := w.upload(lines.String())
	if status != 200 || !strings.Contains(report, `"lines":202`) || !strings.Contains(report, `"matched":201`) {
		t.Fatalf("%d %s", status, report)
	}
	import7("runner-ours")
	w.await("a bid by an id that was uploaded", func() bool { return w.bidsFor("runner-theirs", "") })

	// Erased by one id, gone under all; and only that user.
	exchanges, err := w.api.Exchanges.List(t.Context(), 0, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.api.Erase(t.Context(), v1.ErasureSpec{Users: []v1.UserID{{Kind: "buyeruid", Value: ours}}})
	if want := (v1.Erasure{IDs: 2, Segments: 2, Matches: 2}); err != nil || done != want {
		t.Fatalf("%+v, %v; want %+v", done, err, want)
	}
	if w.bidsFor("walker-theirs", "") || w.bidsFor("", ours) {
		t.Error("a bid for who was erased")
	}
	w.await("a bid for another user", func() bool { return w.bidsFor("runner-theirs", "") })

	// Opted out over the API, by the exchange's id.
	for _, x := range exchanges.Items {
		if x.Name == "alpha" {
			done, err = w.api.Erase(t.Context(), v1.ErasureSpec{OptOut: true, Users: []v1.UserID{{Kind: "user", Value: "runner-theirs", ExchangeID: x.ID}}})
		}
	}
	if want := (v1.Erasure{IDs: 2, Segments: 2, Matches: 2, OptedOut: 2}); err != nil || done != want {
		t.Fatalf("%+v, %v; want %+v", done, err, want)
	}
	import7("runner-ours")
	if _, report := w.upload("runner-theirs,runner-ours\n"); !strings.Contains(report, `"opted_out":1`) {
		t.Errorf("matched who opted out: %s", report)
	}
	if w.bidsFor("runner-theirs", "") {
		t.Error("a bid for who opted out")
	}

	// Opted out in the browser.
	import7(ours)
	w.await("a bid for who is known again", func() bool { return w.bidsFor("", ours) })
	if cookie = w.browse("/optout", cookie); cookie != "optout" {
		t.Error("the cookie is not optout")
	}
	import7(ours)
	if w.bidsFor("", ours) {
		t.Error("a bid for who opted out")
	}
	for _, id := range []string{ours, "walker-theirs", "runner-ours", "runner-theirs"} {
		if strings.Contains(w.log.String(), id) {
			t.Error("the log has a user's id")
		}
	}
}

// A control plane erases with the bidders' Redis and secrets; without, it says
// what to set.
func TestControlErases(t *testing.T) {
	w := newWorld(t, nil)
	w.end()
	for name, c := range map[string]struct {
		change func(*app.Config)
		status string
	}{
		"with all":         {func(*app.Config) {}, ""},
		"no audience":      {func(c *app.Config) { c.Audience = "" }, "set audience"},
		"embedded":         {func(c *app.Config) { c.Audience = app.Embedded }, "set audience"},
		"no secrets there": {func(c *app.Config) { c.SecretsFile = filepath.Join(t.TempDir(), "none.json") }, "set secrets-file"},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.cfg
			w.cfg.Role = "control"
			c.change(&w.cfg)
			w.start()
			_, err := w.api.Erase(t.Context(), v1.ErasureSpec{Users: []v1.UserID{{Kind: "ifa", Value: "6d92078a"}}})
			if c.status == "" && err != nil || c.status != "" && (err == nil || !strings.Contains(err.Error(), c.status)) {
				t.Errorf("%v", err)
			}
			if _, err := os.Stat(w.cfg.SecretsFile); w.cfg.SecretsFile != "" && err == nil {
				t.Error("it made secrets of its own")
			}
			w.end()
			w.cfg = before
		})
	}
}
