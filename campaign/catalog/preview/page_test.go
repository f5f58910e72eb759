package preview_test

import (
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog/preview"
)

func page(t *testing.T, c campaign.Creative) string {
	t.Helper()
	c.Name, c.LandingURL, c.Domains = `<b>"boots"</b>`, "https://example.com/", []string{"example.com"}
	c.ImpressionTrackers = []string{"https://tracker.example.net/i"}
	var b strings.Builder
	if err := preview.Page(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPages(t *testing.T) {
	files := &campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", W: 640, H: 360}},
		Companions: []campaign.Companion{{Size: campaign.Size{W: 300, H: 250}, Markup: "<i>beside</i>"}}}
	for name, c := range map[string]struct {
		creative campaign.Creative
		want     []string
	}{
		"banner": {campaign.Creative{Size: campaign.Size{W: 300, H: 250}, Markup: `<a href="${CLICK_URL}"><script>alert(1)</script></a>`},
			[]string{`sandbox="allow-scripts allow-popups"`, `width="300"`, "preview.invalid/CLICK_URL", "&lt;script&gt;", "${CLICK_URL}</dt>"}},
		"image": {campaign.Creative{Size: campaign.Size{W: 300, H: 250}, ImageURL: "https://cdn.example.com/a.png"}, []string{"https://cdn.example.com/a.png"}},
		"video": {campaign.Creative{Format: campaign.FormatVideo, Media: files},
			[]string{"<video", `src="https://cdn.example.com/a.mp4"`, "&lt;VAST", "preview.invalid/PIXEL_URL", "Companion, 300x250", "&lt;i&gt;beside"}},
		"wrapper": {campaign.Creative{Format: campaign.FormatVideo, Media: &campaign.Media{TagURL: "https://ads.example.net/vast", DurationMS: 1}},
			[]string{"https://ads.example.net/vast", "not loaded here"}},
		"audio": {campaign.Creative{Format: campaign.FormatAudio, Media: &campaign.Media{DurationMS: 1, Files: []campaign.MediaFile{{URL: "https://cdn.example.com/a.mp3", MIME: "audio/mpeg"}}}},
			[]string{"<audio", "a.mp3"}},
		"native": {campaign.Creative{Format: campaign.FormatNative, Native: &campaign.Native{Titles: []string{"Boots & more"}, Video: files}},
			[]string{"<h2>Boots &amp; more</h2>", "<video"}},
	} {
		got := page(t, c.creative)
		for _, want := range append(c.want, "&lt;b&gt;") {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", name, want, got)
			}
		}
		// The page itself has no script, and nobody is told that it was seen.
		if strings.Contains(got, "<script") || strings.Contains(got, "tracker.example.net") {
			t.Errorf("%s: a script or a tracker in\n%s", name, got)
		}
	}
}
