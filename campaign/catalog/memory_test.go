package catalog

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// stocked is realistic with what creatives are in practice: their own markup,
// brands of their advertisers, and a fifth of the line items in other formats
// than banners.
func stocked(r *rand.Rand, n int) campaign.Changes {
	ch := realistic(r, n)
	kind := map[event.LineItemID]campaign.Format{}
	for i := range ch.LineItems {
		f := campaign.FormatBanner
		switch u := r.IntN(100); {
		case u < 10:
			f = campaign.FormatVideo
		case u < 17:
			f = campaign.FormatNative
		case u < 20:
			f = campaign.FormatAudio
		}
		kind[ch.LineItems[i].ID] = f
	}
	kept := ch.Creatives[:0]
	done := map[event.LineItemID]bool{}
	for _, c := range ch.Creatives {
		brand := fmt.Sprintf("brand-%d.example.com", int64(c.LineItemID)/30)
		c.Domains, c.Categories, c.LandingURL, c.Secure = []string{brand}, []string{"IAB22", "IAB18"}, "https://"+brand+"/landing", true
		f := kind[c.LineItemID]
		if f != campaign.FormatBanner && done[c.LineItemID] {
			continue
		}
		done[c.LineItemID] = true
		switch f {
		case campaign.FormatBanner:
			c.Markup = fmt.Sprintf(`<a href="${CLICK_URL}" target="_blank"><img src="https://cdn.example.com/%d-%dx%d.png" width="%d" height="%d" alt="An offer"></a>`,
				c.ID, c.Size.W, c.Size.H, c.Size.W, c.Size.H)
		case campaign.FormatVideo:
			c.Media = &campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{
				{URL: fmt.Sprintf("https://cdn.example.com/%d.mp4", c.ID), MIME: "video/mp4", W: 640, H: 360, Bitrate: 900}}}
		case campaign.FormatAudio:
			c.Media = &campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{
				{URL: fmt.Sprintf("https://cdn.example.com/%d.mp3", c.ID), MIME: "audio/mpeg", Bitrate: 128}}}
		case campaign.FormatNative:
			c.Native = &campaign.Native{
				Titles: []string{fmt.Sprintf("An offer of %d", c.ID), "An offer"},
				Images: []campaign.NativeImage{{Type: 3, URL: fmt.Sprintf("https://cdn.example.com/%d.jpg", c.ID), MIME: "image/jpeg", W: 1200, H: 627}},
				Data:   []campaign.NativeData{{Type: 1, Value: "Example Shop"}},
			}
		}
		if c.Format = f; f != campaign.FormatBanner {
			c.Markup, c.Size = "", campaign.Size{}
		}
		kept = append(kept, c)
	}
	ch.Creatives = kept
	return ch
}

// TestLineItemsAreSmall holds the line on what a line item takes, with its
// creatives and its part of the index: hundreds of thousands have to fit.
func TestLineItemsAreSmall(t *testing.T) {
	const n, most, mostObjects = 5000, 1720, 17
	// given what was read, of which the catalog keeps only what it has to
	live := func() (m runtime.MemStats) {
		for range 3 { // the second frees what the first had finalized
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return m
	}
	newCatalog(t, 0)
	before := live()
	c := newCatalog(t, 0)
	creatives := 0
	func() {
		ch := stocked(rand.New(rand.NewPCG(5, 6)), n)
		creatives = len(ch.Creatives)
		apply(t, c, ch)
	}()
	// then
	after := live()
	took, objects := float64(after.HeapAlloc-before.HeapAlloc)/n, float64(after.HeapObjects-before.HeapObjects)/n
	t.Logf("%.0f bytes in %.1f objects per line item, with %.2f creatives", took, objects, float64(creatives)/n)
	if took > most {
		t.Errorf("%.0f bytes per line item, want at most %d", took, most)
	}
	if objects > mostObjects { // each is looked at in every collection
		t.Errorf("%.1f objects per line item, want at most %d", objects, mostObjects)
	}
	runtime.KeepAlive(c)
}

// TestCreativesAreCompiledAsTheyCome: as they were entered they are large, and
// all of them at once, while everything is read, leave holes in the heap.
func TestCreativesAreCompiledAsTheyCome(t *testing.T) {
	ch := stocked(rand.New(rand.NewPCG(5, 6)), 50)
	gone := &ch.Creatives[0]
	gone.Status = campaign.Archived
	early := ch.Creatives[len(ch.Creatives)-1]
	c := newCatalog(t, 0)
	// when one comes before its line item, and all others after theirs
	c.Take(&campaign.Changes{Creatives: []campaign.Creative{early}})
	c.Take(&campaign.Changes{Advertisers: ch.Advertisers, Campaigns: ch.Campaigns, LineItems: ch.LineItems})
	c.Take(&campaign.Changes{Creatives: ch.Creatives[:len(ch.Creatives)-1]})
	// then only that one is kept as it was entered, and of an archived one nothing
	for id, e := range c.book.creatives.of {
		if made, kept := e.ad != nil, c.book.early[id] != nil; made != (id != early.ID && id != gone.ID) || kept != (id == early.ID) {
			t.Errorf("creative %d: compiled %t, kept as it was entered %t", id, made, kept)
		}
	}
	apply(t, c, campaign.Changes{})
	if e := c.book.creatives.of[early.ID]; e.ad == nil || len(c.book.early) > 0 {
		t.Error("the early one is not compiled with its line item")
	}
}
