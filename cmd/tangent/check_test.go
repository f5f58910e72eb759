package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// Requests as exchanges send them, and what cannot be used.
const (
	goodRequest = `{"id":"good","imp":[{"id":"1","banner":{"w":300,"h":250,"format":[{"w":320,"h":50}]},"bidfloor":0.5,"secure":1,` +
		`"pmp":{"private_auction":1,"deals":[{"id":"d1"}]}},{"id":"2","video":{"mimes":["video/mp4"]}}],"site":{"domain":"news.example.org"},` +
		`"device":{"ifa":"11111111-2222-3333-4444-555555555555","ip":"192.0.2.77","geo":{"country":"USA"}},"user":{"id":"very-secret-user","buyeruid":"very-secret-too"},"cur":["USD"]}`
	oddRequest   = `{"id":"odd","imp":[{"id":7,"banner":{"w":"300","h":250.0},"bidfloor":"1.2"}],"app":{"bundle":"com.example.game"},"tmax":"150","user":null}`
	noImps       = `{"id":"none","imp":[]}`
	notJSON      = `{"id":"cut","imp":[{"id":`
	noConsent    = `{"id":"gdpr","imp":[{"id":"1","banner":{"w":300,"h":250}}],"site":{"domain":"news.example.org"},"regs":{"gdpr":1},"user":{"id":"very-secret-user"}}`
	childRequest = `{"id":"child","imp":[{"id":"1","banner":{"w":300,"h":250}}],"site":{"domain":"news.example.org"},"regs":{"coppa":1},"user":{"id":"very-secret-user"}}`
)

func TestCheckSaysWhatItSees(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		status int
		want   []string
	}{
		"good":       {goodRequest, 0, []string{"site news.example.org", "banner", "320x50", "floor 0.5 USD", "deals 1", "private auction", "secure", "video", "user id", "consent given"}},
		"odd":        {oddRequest, 0, []string{"app com.example.game", "banner 300x250", "floor 1.2 USD", "user none"}},
		"no consent": {noConsent, 0, []string{"user id", "consent refused"}},
		"a child":    {childRequest, 0, []string{"user id", "consent refused"}},
		"no imps":    {noImps, 1, []string{"cannot be used", "no_imp"}},
		"cut":        {notJSON, 1, []string{"cannot be used", "malformed", "byte"}},
		"empty":      {"", 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFile(t, "request.json", c.body)
			status, out, errs := tangent(t, "", "check", file)
			if status != c.status {
				t.Errorf("exit status %d, want %d: %s%s", status, c.status, out, errs)
			}
			if c.status == 0 {
				var suggested string
				if out, suggested, _ = strings.Cut(out, "these samples suggest: "); !strings.HasPrefix(suggested, "preset generic-2.") {
					t.Errorf("suggested %q", suggested)
				}
			}
			if strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, file+": ") {
				t.Errorf("want one line that names the file:\n%s", out)
			}
			for _, w := range c.want {
				if !strings.Contains(out, w) {
					t.Errorf("no %q in: %s", w, out)
				}
			}
			// The same on standard input, and as JSON.
			fromStdin, _, _ := tangent(t, c.body, "check")
			if fromStdin != status && c.body != "" {
				t.Errorf("on standard input: exit status %d, want %d", fromStdin, status)
			}
			jsonStatus, line, _ := tangent(t, "", "check", "--json", file)
			var f finding
			line, _, _ = strings.Cut(line, "\n")
			if err := json.Unmarshal([]byte(line), &f); err != nil || jsonStatus != status || f.Usable != (status == 0) || f.Source != file {
				t.Errorf("as JSON: exit status %d, %v: %s", jsonStatus, err, line)
			}
			for _, secret := range []string{"very-secret", "11111111-2222", "192.0.2.77"} {
				if strings.Contains(out+errs+line, secret) {
					t.Errorf("%q is a user's and was printed:\n%s%s%s", secret, out, errs, line)
				}
			}
		})
	}
}

func TestCheckReadsManyRequests(t *testing.T) {
	one := strings.ReplaceAll(goodRequest, "\n", "")
	lines := one + "\n\n" + oddRequest + "\n" + notJSON + "\n" + noImps + "\n"

	file := writeFile(t, "requests.jsonl", lines)
	status, out, errs := tangent(t, "", "check", file, writeFile(t, "single.json", goodRequest))
	if status != 1 || strings.Count(out, "\n") != 6 || !strings.Contains(errs, "2 of 5 requests") {
		t.Errorf("exit status %d\n%s%s", status, out, errs)
	}
	for _, source := range []string{":1: site", ":3: app", ":4: cannot", ":5: cannot"} {
		if !strings.Contains(out, file+source) {
			t.Errorf("no line %s%s in\n%s", file, source, out)
		}
	}
	if status, out, _ := tangent(t, lines, "check", "-"); status != 1 || strings.Count(out, "stdin:") != 4 {
		t.Errorf("standard input: exit status %d\n%s", status, out)
	}
	if status, out, _ := tangent(t, one+"\n"+oddRequest, "check"); status != 0 || strings.Count(out, "\n") != 3 {
		t.Errorf("two good lines: exit status %d\n%s", status, out)
	}
	if status, _, errs := tangent(t, "", "check", "/nowhere/request.json"); status != 1 || !strings.Contains(errs, "/nowhere/request.json") {
		t.Errorf("a missing file: exit status %d, %s", status, errs)
	}
}

func TestCheckSuggestsSettings(t *testing.T) {
	const imps = `"imp":[{"id":"1","video":{"mimes":["video/mp4"]}}]`
	for name, c := range map[string]struct{ body, want string }{
		"2.5":    {`{"id":"1",` + imps + `,"cur":["EUR"],"tmax":80}` + "\n" + `{"id":"2",` + imps + `,"cur":["EUR","USD"],"at":1,"tmax":200}`, "preset generic-2.5; currency EUR; other_currencies USD; auction_default 1; tmax 80 to 200 ms; formats video"},
		"2.6":    {`{"id":"1",` + imps + `,"regs":{"gdpr":1}}`, "preset generic-2.6; currency USD; auction_default 2; formats video"},
		"google": {`{"id":"1",` + imps + `,"ext":{"google_query_id":"x"}}`, "preset google; currency USD; auction_default 1"},
		"prebid": {`{"id":"1",` + imps + `,"ext":{"prebid":{}},"regs":"odd"}`, "preset prebid; currency USD; auction_default 1"},
	} {
		if _, out, _ := tangent(t, c.body, "check"); !strings.Contains(out, "these samples suggest: "+c.want) {
			t.Errorf("%s: no %q in\n%s", name, c.want, out)
		}
	}
	odd := `{"id":"1","imp":[{"id":"1","banner":{"w":300,"h":250},"bidfloor":"much"},{"id":"2"}]}`
	_, out, _ := tangent(t, odd, "check")
	for _, want := range []string{"no bid: floor_unreadable", "no bid: no_format"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
}
