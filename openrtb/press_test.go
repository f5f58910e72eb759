package openrtb

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"pgregory.net/rapid"
)

// Whatever a creative's versions and the phrases have in common, each version
// is sent as it was written.
func TestVersionsAreSentAsTheyWereWritten(t *testing.T) {
	said := func(t *rapid.T, name string) string {
		words := rapid.SliceOf(rapid.OneOf(
			rapid.SampledFrom([]string{"<MediaFile delivery=\"progressive\">", "</MediaFile><![CDATA[", "]]>", "https://cdn.example/1.mp4", "${CLICK_URL}", "<Creative>\n", "${PIXEL_URL}"}),
			rapid.String(),
		)).Draw(t, name)
		return strings.Join(words, "") + "${PIXEL_URL}"
	}
	rapid.Check(t, func(t *rapid.T) {
		// given
		var phrases *Phrases
		if rapid.Bool().Draw(t, "with phrases") {
			var err error
			if phrases, err = NewPhrases(said(t, "phrases"), said(t, "more phrases")); err != nil {
				t.Fatal(err)
			}
		}
		var versions []CreativeConfig
		for range rapid.IntRange(1, 4).Draw(t, "versions") {
			versions = append(versions, CreativeConfig{Type: MarkupVideo, ID: "7", CampaignID: "8", Markup: said(t, "version")})
		}
		// when
		wires, err := NewCreativeWires(phrases, versions...)
		if err != nil {
			t.Fatal(err)
		}
		// then
		b := Bid{ID: event.NewBidID(1, 2), Pixel: []byte("https://p.example/"), Click: []byte("https://c.example/")}
		for i, w := range wires {
			want := strings.NewReplacer("${PIXEL_URL}", string(b.Pixel), "${CLICK_URL}", string(b.Click)).Replace(string(appendEscaped(nil, []byte(versions[i].Markup))))
			if got := string(w.markup.Append(nil, &b)); got != want {
				t.Fatalf("version %d is %q, want %q", i, got, want)
			}
		}
	})
}

// What versions have in common, and phrases say, is kept once.
func TestVersionsShareWhatTheySay(t *testing.T) {
	document := func(version, id int) string {
		return fmt.Sprintf(`<VAST version="%d"><Ad id="%d"><Impression>${PIXEL_URL}</Impression><MediaFile delivery="progressive" type="video/mp4">https://cdn.example/%d.mp4</MediaFile></Ad></VAST>`,
			version, id, id)
	}
	var samples []string
	var versions []CreativeConfig
	for v := range 6 {
		samples = append(samples, document(v, 1))
		versions = append(versions, CreativeConfig{Type: MarkupVideo, ID: "7654321", CampaignID: "8", Markup: document(v, 7_654_321)})
	}
	phrases, err := NewPhrases(samples...)
	if err != nil {
		t.Fatal(err)
	}
	wires, err := NewCreativeWires(phrases, versions...)
	if err != nil {
		t.Fatal(err)
	}
	kept := len(wires[0].markup.text)
	if most := len(document(1, 7_654_321)); kept > most {
		t.Errorf("six versions of %d bytes take %d, want at most %d", len(document(1, 7_654_321)), kept, most)
	}
}

// Where a creative's ids and image end is kept in two bytes each.
func TestImagesWithLongURLsAreRefused(t *testing.T) {
	for n, fits := range map[int]bool{65_000: true, 66_000: false} {
		_, err := NewCreativeWire(CreativeConfig{ID: "7", CampaignID: "8", ImageURL: strings.Repeat("a", n), Markup: "<b>"})
		if (err == nil) != fits {
			t.Errorf("an URL of %d bytes: %v", n, err)
		}
	}
}
