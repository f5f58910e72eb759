package catalog

import (
	"errors"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/native"
)

// compileCreative returns the creative. What it shows is made once per version
// and campaign.
func (b *book) compileCreative(e *creativeEntry, cid event.CampaignID) (Creative, error) {
	if e.ad != nil && e.adFor != cid {
		return Creative{}, errors.New("its line item moved to another campaign: that takes a new one")
	}
	if e.ad == nil {
		made, err := newAd(b.early[e.id], cid, &b.alike)
		if err != nil {
			return Creative{}, err
		}
		e.ad, e.adFor = made, cid
		delete(b.early, e.id)
	}
	return Creative{ID: e.id, ad: e.ad, live: e.live}, nil
}

func newAd(d *campaign.Creative, cid event.CampaignID, known *alike) (*ad, error) {
	t, landing := traits{Format: d.Kind(), Attributes: attributesOf(d), Secure: d.Secure}, ""
	if u, err := url.Parse(d.LandingURL); err == nil {
		landing = normalName(u.Hostname())
	}
	switch {
	case t.Format == campaign.FormatBanner:
		t.Types = bannerTypes(BannerMarkup(d))
	case d.Media != nil:
		t.Seconds = seconds(d.Media)
	}
	key := fmt.Appendf(nil, "%q %d %q %q %d %q %d %d %d %q %t %d %q", t.Format, t.Seconds, d.Domains, d.AppBundle, d.Taxonomy, d.Categories,
		t.Attributes, d.APIs, t.Types, d.Language, d.Secure, d.Weight, landing)
	a := &ad{extras: &noExtras}
	if t.Format != campaign.FormatBanner || len(d.Approvals) > 0 {
		a.extras = &extras{approvals: d.Approvals}
	}
	a.traits = known.traits.get(key, func() *traits {
		t.Domains, t.Bundle = lowerAll(d.Domains), strings.Clone(strings.ToLower(d.AppBundle))
		t.Taxonomy, t.Categories = max(d.Taxonomy, campaign.Content1), lowerAll(d.Categories)
		t.APIs, t.Language, t.Weight, t.landing = d.APIs, strings.Clone(d.Language), max(d.Weight, 1), strings.Clone(landing)
		for _, c := range d.Categories {
			t.topics = append(t.topics, topicsOf(t.Taxonomy, []byte(c)))
		}
		return &t
	})
	b := adBuilder{ad: a, def: d, base: openrtb.CreativeConfig{
		ID: strconv.FormatInt(int64(d.ID), 10), CampaignID: strconv.FormatInt(int64(cid), 10), Domains: d.Domains, Attributes: a.Attributes,
		APIs: d.APIs, Language: d.Language, Bundle: d.AppBundle,
	}}
	b.categories()
	switch a.Format {
	case campaign.FormatBanner:
		return a, b.banner(known)
	case campaign.FormatVideo, campaign.FormatAudio:
		if d.Media == nil {
			return nil, errors.New("it has no media")
		}
		return a, b.media()
	case campaign.FormatNative:
		if d.Native == nil {
			return nil, errors.New("it has no assets")
		}
		return a, b.native()
	}
	return nil, fmt.Errorf("no format %q", d.Format)
}

// attributesOf adds what follows from the media.
func attributesOf(d *campaign.Creative) []int {
	skippable := d.Media != nil && d.Media.Skippable || d.Native != nil && d.Native.Video != nil && d.Native.Video.Skippable
	if !skippable || slices.Contains(d.Attributes, attributeSkippable) {
		return d.Attributes
	}
	return append(slices.Clone(d.Attributes), attributeSkippable)
}

const attributeSkippable = 16 // list "Creative Attributes"

// adBuilder makes an ad of a definition.
type adBuilder struct {
	*ad
	def  *campaign.Creative
	base openrtb.CreativeConfig
}

// categories says what the creative is about in every taxonomy that exchanges
// ask for: word for word in its own and, where the codes are the same, in the
// versions of that; by top categories in the others.
func (b *adBuilder) categories() {
	all := topics(0)
	for _, t := range b.topics {
		all |= t
	}
	b.base.CategoriesIn = map[int][]string{}
	for _, family := range [...][]int{{campaign.Content1}, {campaign.Content20, campaign.Content21, campaign.Content22}, {campaign.Content30, campaign.Content31}} {
		codes := all.codes(family[0])
		if familyOf(b.Taxonomy) == familyOf(family[0]) {
			codes = b.def.Categories
		}
		if family[0] == campaign.Content1 {
			b.base.Categories = codes
			continue
		}
		for _, n := range family {
			b.base.CategoriesIn[n] = codes
		}
	}
}

func (b *adBuilder) banner(known *alike) error {
	d := b.def
	c := b.base
	c.Size = openrtb.Size{W: d.Size.W, H: d.Size.H}
	c.Markup, c.ImageURL = BannerMarkup(d), d.ImageURL
	if u := campaign.InsecureResource(c.Markup); d.Secure && u != "" {
		return fmt.Errorf("it says that it is secure, and loads %.100q", u)
	}
	wires, err := openrtb.NewCreativeWires(known.phrases(b.base.CampaignID, c.Markup), c)
	if err == nil {
		b.Wire = *wires[0]
	}
	return err
}

// BannerMarkup returns the HTML of a banner, with its macros: an image that
// leads to the landing page, or the markup it has; then the pixels of third
// parties.
func BannerMarkup(d *campaign.Creative) string {
	markup := d.Markup
	if d.ImageURL != "" {
		markup = fmt.Sprintf(`<a href="${CLICK_URL}" target="_blank" rel="noopener"><img src="%s" width="%d" height="%d" alt="" style="border:0"></a>`,
			html.EscapeString(d.ImageURL), d.Size.W, d.Size.H)
	}
	for _, u := range d.ImpressionTrackers {
		markup += `<img src="` + html.EscapeString(u) + `" width="1" height="1" alt="" style="display:none">`
	}
	return markup
}

func (b *adBuilder) media() (err error) {
	m := b.def.Media
	if b.ad.media, err = newMedia(m); err != nil {
		return err
	}
	for _, f := range b.ad.media.files {
		if len(f.apis) > 0 && !meets(f.apis, b.base.APIs) {
			b.base.APIs = append(slices.Clone(b.base.APIs), f.apis...)
		}
	}
	b.ad.media.wires = make([]mediaWire, 0, len(versions))
	var configs []openrtb.CreativeConfig
	for _, v := range versions {
		if !saidBy(v, m) {
			continue
		}
		c := b.base
		c.Type, c.Duration, c.Protocol = openrtb.MarkupVideo, b.Seconds, v.Protocol(m.TagURL != "")
		if b.Format == campaign.FormatAudio {
			c.Type = openrtb.MarkupAudio
		} else if fs := b.ad.media.files; len(fs) > 0 {
			c.Size = openrtb.Size{W: fs[0].w, H: fs[0].h}
		}
		w := mediaWire{protocol: c.Protocol, interactive: b.ad.media.interactive(v)}
		if w.interactive && !meets(simid, c.APIs) {
			c.APIs = append(slices.Clone(c.APIs), simid...)
		}
		b.ad.media.wires = append(b.ad.media.wires, w)
		ad := vastAd(b.def, m, v)
		if c.Markup, err = ad.Document(); err != nil {
			return err
		}
		configs = append(configs, c)
		if len(m.Companions) > 0 {
			ad.Companions = vastCompanions(m)
			if c.Markup, err = ad.Document(); err != nil {
				return err
			}
			configs = append(configs, c)
		}
	}
	wires, err := openrtb.NewCreativeWires(phrases(), configs...)
	if err != nil {
		return err
	}
	each := len(configs) / len(b.ad.media.wires)
	for i := range b.ad.media.wires {
		w := &b.ad.media.wires[i]
		if w.wire = wires[i*each]; each > 1 {
			w.beside = wires[i*each+1]
		}
	}
	b.Wire = *wires[0]
	return nil
}

func (b *adBuilder) native() (err error) {
	d, n := b.def, b.def.Native
	c := b.base
	c.Type = openrtb.MarkupNative
	wire, err := openrtb.NewCreativeWire(c)
	if err != nil {
		return err
	}
	b.Wire = *wire
	cfg := native.Config{ID: c.ID, Titles: n.Titles, ClickTrackers: d.ClickTrackers, PrivacyURL: n.PrivacyURL}
	for _, m := range n.Images {
		cfg.Images = append(cfg.Images, native.Image{Type: m.Type, URL: m.URL, MIME: m.MIME, W: m.W, H: m.H})
	}
	for _, t := range n.Data {
		cfg.Data = append(cfg.Data, native.Data{Type: t.Type, Value: t.Value})
	}
	for _, u := range d.ImpressionTrackers {
		cfg.Trackers = append(cfg.Trackers, native.Tracker{Event: 1, Method: 1, URL: u})
	}
	if n.Video != nil {
		if cfg.Videos, err = b.nativeVideos(n.Video); err != nil {
			return err
		}
	}
	b.ad.native, err = native.New(cfg)
	return err
}

// nativeVideos returns a film in the versions of VAST that have all of it. An
// asset takes one of them by the rules for an imp of video.
func (b *adBuilder) nativeVideos(m *campaign.Media) (videos []native.Video, err error) {
	x, err := newMedia(m)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		if !saidBy(v, m) {
			continue
		}
		x.wires = append(x.wires, mediaWire{protocol: v.Protocol(x.wrapper)})
		i, attributes := len(x.wires)-1, b.Attributes
		videos = append(videos, native.Video{Ad: vastAd(b.def, m, v), Fits: func(v *openrtb.Video) bool {
			return x.check(&v.Media, v) == openrtb.None && x.best(&v.Media) == i && !meets(attributes, v.BlockedAttributes)
		}})
	}
	return videos, nil
}
