package load

import (
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// sizes are those that the traffic asks for, the most frequent first.
var sizes = []campaign.Size{{W: 320, H: 50}, {W: 300, H: 250}, {W: 728, H: 90}, {W: 160, H: 600}, {W: 300, H: 600}, {W: 970, H: 90}}

// categories of the advertised goods; publishers block the last two.
var categories = []string{"IAB22", "IAB20", "IAB18", "IAB19", "IAB2", "IAB13"}

// creatives draws those of one line item: banners in up to three sizes, or one
// of another format.
func (m *maker) creatives(parent event.LineItemID, format campaign.Format) (all []campaign.Creative) {
	base := campaign.Creative{
		LineItemID: parent, Status: campaign.Active, Format: format, LandingURL: "https://shop.example.com/landing",
		Domains: []string{fmt.Sprintf("brand-%d.example.com", m.rng.IntN(200))}, Categories: some(m.rng, categories, 1, 2), Secure: true,
	}
	base.LandingURL = "https://" + base.Domains[0] + "/landing"
	switch format {
	case campaign.FormatBanner:
		for _, size := range some(m.rng, sizes, 1, 3) {
			c := base
			c.Name, c.Size = fmt.Sprintf("%dx%d", size.W, size.H), size
			c.Markup = fmt.Sprintf(`<a href="${CLICK_URL}" target="_blank"><img src="https://cdn.example.com/%d-%dx%d.png" width="%d" height="%d" alt="An offer"></a>`,
				parent, size.W, size.H, size.W, size.H)
			all = append(all, c)
		}
		return all
	case campaign.FormatVideo:
		base.Media = &campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{
			{URL: "https://cdn.example.com/spot.mp4", MIME: "video/mp4", W: 640, H: 360, Bitrate: 900},
		}}
	case campaign.FormatAudio:
		base.Media = &campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{{URL: "https://cdn.example.com/spot.mp3", MIME: "audio/mpeg", Bitrate: 128}}}
	case campaign.FormatNative:
		base.Native = &campaign.Native{
			Titles: []string{"An offer that is worth a look", "An offer"},
			Images: []campaign.NativeImage{{Type: 3, URL: "https://cdn.example.com/main.jpg", MIME: "image/jpeg", W: 1200, H: 627}},
			Data:   []campaign.NativeData{{Type: 1, Value: "Example Shop"}},
		}
	}
	base.Name = string(format)
	return append(all, base)
}
