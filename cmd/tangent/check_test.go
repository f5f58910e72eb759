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
	if status != 1 || strings.Count(out, "\n") != 5 || !strings.Contains(errs, "2 of 5 requests") {
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
	if status, out, _ := tangent(t, one+"\n"+oddRequest, "check"); status != 0 || strings.Count(out, "\n") != 2 {
		t.Errorf("two good lines: exit status %d\n%s", status, out)
	}
	if status, _, errs := tangent(t, "", "check", "/nowhere/request.json"); status != 1 || !strings.Contains(errs, "/nowhere/request.json") {
		t.Errorf("a missing file: exit status %d, %s", status, errs)
	}
}
