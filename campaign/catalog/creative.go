package catalog

import (
	"cmp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/native"
)

// Creative is a creative as bidders read it.
type Creative struct {
	ID event.CreativeID
	*ad

	live     *liveness
	targeted bool // its format, and of a banner the size, are among those that the line item targets
}

// ad is what a version of a creative shows. It is made once and never changed.
type ad struct {
	*traits
	*extras
	Wire openrtb.CreativeWire // its part of a response, escaped already; of video and audio in the newest VAST
}

// extras is what few creatives have: most are banners.
type extras struct {
	approvals []campaign.Approval
	media     *media
	native    *native.Creative
}

var noExtras extras // of most

// traits is what creatives of one brand have in common.
type traits struct {
	Format     campaign.Format
	Seconds    int         // how long video or audio lasts, rounded up; 0 of others
	Domains    []string    // adomain, lower case
	Bundle     string      // of the app that is advertised
	Taxonomy   int         // of Categories
	Categories []string    // lower case
	Attributes []int       // OpenRTB list "Creative Attributes"
	APIs       []int       // OpenRTB list "API Frameworks": any is needed; none if empty
	Types      BannerTypes // none unless a banner
	Language   string      // ISO 639-1; empty for none
	Secure     bool        // every resource is HTTPS
	Weight     int

	landing string   // host of the landing page, lower case
	topics  []topics // of Categories
}

// Size returns the size of a banner; of others none.
func (a *ad) Size() (s openrtb.Size) {
	if a.Wire.Type() == openrtb.MarkupBanner {
		s = a.Wire.Size()
	}
	return s
}

// Paused says whether the creative itself is paused at this moment.
func (c *Creative) Paused() bool { return c.live.bits.Load() != 0 }

// Fill puts into a bid what the creative shows for an imp that Check takes.
// The bid must have its id and URLs. The markup of a native creative is
// appended to dst, which is returned and must not change before the response
// is written. It does not allocate when dst has room.
func (c *Creative) Fill(dst []byte, b *openrtb.Bid, imp *openrtb.Imp, form native.Form) []byte {
	b.Creative, b.API = &c.Wire, c.framework(imp)
	switch {
	case c.media != nil:
		if wire := c.media.wire(mediaOf(imp, c.Format)); wire != nil {
			b.Creative = wire
		}
	case c.native != nil && imp.Native != nil:
		var m native.Match
		c.native.Match(imp.Native, &m)
		from := len(dst)
		dst = c.native.Append(dst, b, imp.Native, &m, form)
		b.AdM = dst[from:len(dst):len(dst)]
	}
	return dst
}

// framework returns which of the frameworks that the creative may run in the
// imp has, for the exchanges that are told one; 0 if it needs none.
func (c *Creative) framework(imp *openrtb.Imp) int {
	var has []int
	switch m := mediaOf(imp, c.Format); {
	case m != nil:
		has = m.APIs
	case c.Format == campaign.FormatBanner && imp.Banner != nil:
		has = imp.Banner.APIs
	case c.Format == campaign.FormatNative && imp.Native != nil:
		has = imp.Native.APIs
	}
	n := common(c.APIs, has)
	if c.media == nil {
		return n
	}
	for i := range c.media.files {
		n = cmp.Or(n, common(c.media.files[i].apis, has))
	}
	if c.media.simid {
		n = cmp.Or(n, common(simid, has))
	}
	return n
}

// ExchangeID returns the id that an exchange gave the creative, or "".
func (c *Creative) ExchangeID(id event.ExchangeID) string {
	for i := range c.approvals {
		if c.approvals[i].ExchangeID == id {
			return c.approvals[i].CreativeID
		}
	}
	return ""
}

// approved says whether an exchange would show the creative, as far as we
// know.
func (c *Creative) approved(by event.ExchangeID, needed bool) bool {
	for i := range c.approvals {
		if a := &c.approvals[i]; a.ExchangeID == by {
			return a.State == campaign.Approved || a.State == campaign.ApprovalPending && !needed
		}
	}
	return !needed
}
