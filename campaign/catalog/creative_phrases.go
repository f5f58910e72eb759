package catalog

import (
	"sync"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// alike is what creatives that were compiled lately have in common with others.
type alike struct {
	traits recent[*traits]
	said   recent[*openrtb.Phrases] // by campaign
}

// phrases returns what the first banner of a campaign says: the others mostly
// come from the same ad server, with other ids. Nil, if it says nothing.
func (a *alike) phrases(campaign, markup string) *openrtb.Phrases {
	a.said.most = fewCampaigns
	return a.said.get([]byte(campaign), func() *openrtb.Phrases {
		p, _ := openrtb.NewPhrases(markup) // the banner itself has the same error
		return p
	})
}

// fewCampaigns is of how many campaigns phrases can be looked up: that takes
// four times the memory of the markup itself.
const fewCampaigns = 256

// phrases is what the documents of all video and audio creatives have in
// common: most of each, and there are several to a creative. What the samples
// show does not matter, but that they use all that a document can have.
var phrases = sync.OnceValue(func() *openrtb.Phrases {
	url, urls := "https://a/", []string{"https://a/"}
	measured := campaign.Media{
		DurationMS: 15_000, Skippable: true, SkipAfterMS: 5000,
		Verifications: []campaign.Verification{{Vendor: "a", ScriptURL: url, Parameters: "a", NotExecuted: url}},
		UniversalAdID: &campaign.UniversalAdID{Registry: "a", Value: "a"},
		Trackers: map[string][]string{
			campaign.ErrorEvent: urls, "start": urls, "firstQuartile": urls, "midpoint": urls, "thirdQuartile": urls, "complete": urls,
		},
		Companions: []campaign.Companion{
			{Size: campaign.Size{W: 300, H: 250}, ImageURL: url, MIME: "image/png", AltText: "a", ViewTrackers: urls},
			{Size: campaign.Size{W: 300, H: 250}, Markup: "a"},
		},
	}
	video, wrapped := measured, measured
	video.Files = []campaign.MediaFile{
		{URL: url, MIME: "video/mp4", W: 640, H: 360, Bitrate: 900}, {URL: url, MIME: "video/mp4", Codec: "a", API: "VPAID"},
		{URL: url, MIME: "text/html", API: "SIMID"},
	}
	wrapped.TagURL = url
	plain := campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{{URL: url, MIME: "video/mp4", W: 640, H: 360, Bitrate: 900}}}
	audio := campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{{URL: url, MIME: "audio/mpeg", Bitrate: 128}}}

	var documents []string
	for _, v := range versions {
		for _, x := range []struct {
			format campaign.Format
			media  *campaign.Media
		}{{campaign.FormatVideo, &plain}, {campaign.FormatAudio, &audio}, {campaign.FormatVideo, &video}, {campaign.FormatVideo, &wrapped}} {
			d := campaign.Creative{ID: 1, Format: x.format, Media: x.media, Domains: []string{"a"}, ImpressionTrackers: urls, ClickTrackers: urls}
			ad := vastAd(&d, x.media, v)
			ad.Companions = vastCompanions(x.media)
			text, err := ad.Document()
			if err != nil {
				continue // a version that has not all of it: others say the rest
			}
			documents = append(documents, text)
		}
	}
	p, err := openrtb.NewPhrases(documents...)
	if err != nil {
		panic(err) // our own documents are UTF-8, and count our impression
	}
	return p
})
