package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestPreviewOfAFile(t *testing.T) {
	const banner = `{"name":"Boots","size":{"w":300,"h":250},"markup":"<a href=\"${CLICK_URL}\">boots</a>",
		"landing_url":"https://example.com/boots","domains":["example.com"]}`
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"preview", "-"}, streams{strings.NewReader(banner), &out, &errs}); status != 0 {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	if !strings.Contains(out.String(), "srcdoc=") || !strings.Contains(out.String(), "preview.invalid/CLICK_URL") {
		t.Errorf("no creative in\n%s", out.String())
	}
	for _, bad := range []string{"", `{"name":"x"}`, strings.Replace(banner, "/boots\"", "/boots\",\"format\":\"video\"", 1)} {
		out.Reset()
		if status := run(t.Context(), []string{"preview", "-"}, streams{strings.NewReader(bad), &out, &errs}); status != 1 || out.Len() > 0 {
			t.Errorf("%q: status %d and %q", bad, status, out.String())
		}
	}
}
