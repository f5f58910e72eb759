package validate

import (
	"encoding/json"
	"strings"

	"github.com/prebid/openrtb/v20/adcom1"
	"github.com/prebid/openrtb/v20/openrtb2"
)

// formatOf returns what a bid offers: what it says, else the only thing that
// the imp takes, else what its markup looks like.
func formatOf(b *bid, imp *openrtb2.Imp) openrtb2.MarkupType {
	if b.MType >= openrtb2.MarkupBanner && b.MType <= openrtb2.MarkupNative {
		return b.MType
	}
	only := openrtb2.MarkupType(0)
	for f := openrtb2.MarkupBanner; f <= openrtb2.MarkupNative; f++ {
		if !takes(imp, f) {
			continue
		}
		if only != 0 {
			return looksLike(b.markup(), imp)
		}
		only = f
	}
	return only
}

func takes(imp *openrtb2.Imp, f openrtb2.MarkupType) bool {
	switch f {
	case openrtb2.MarkupBanner:
		return imp.Banner != nil
	case openrtb2.MarkupVideo:
		return imp.Video != nil
	case openrtb2.MarkupAudio:
		return imp.Audio != nil
	case openrtb2.MarkupNative:
		return imp.Native != nil
	}
	return false
}

func looksLike(adm string, imp *openrtb2.Imp) openrtb2.MarkupType {
	switch {
	case strings.HasPrefix(strings.TrimSpace(adm), "{"):
		return openrtb2.MarkupNative
	case strings.Contains(adm, "<VAST") && imp.Video != nil:
		return openrtb2.MarkupVideo
	case strings.Contains(adm, "<VAST"):
		return openrtb2.MarkupAudio
	}
	return openrtb2.MarkupBanner
}

// markup returns adm: the text in a string, or an object as it is.
func (b *bid) markup() string {
	var text string
	if json.Unmarshal(b.AdM, &text) == nil {
		return text
	}
	return string(b.AdM)
}

// checkCreative judges what the bid shows, and returns for how many seconds.
func (c *checker) checkCreative(b *bid, at int) (seconds int64) {
	imp := &c.Imp[at]
	format, adm := formatOf(b, imp), b.markup()
	secure := imp.Secure != nil && *imp.Secure == 1
	if !takes(imp, format) || b.MType < 0 || b.MType > openrtb2.MarkupNative || b.MType == 0 && severalFormats(imp) {
		c.add(MType, "%d", b.MType)
		return b.Dur
	}
	if strings.TrimSpace(adm) == "" || adm == "null" {
		c.add(AdM, "missing")
		return b.Dur
	}
	if (b.AdM[0] == '{') && format != openrtb2.MarkupNative {
		c.add(AdM, "an object")
		return b.Dur
	}
	switch format {
	case openrtb2.MarkupBanner:
		if strings.Contains(adm, "<VAST") {
			c.add(MType, "a banner that is VAST")
		}
		c.checkAttributes(b, imp.Banner.BAttr)
		c.checkAPIs(b, imp.Banner.API)
		c.checkBanner(b, imp.Banner, adm)
		c.checkHTML(adm, secure)
	case openrtb2.MarkupVideo, openrtb2.MarkupAudio:
		m := mediaOf(format, imp)
		c.checkAttributes(b, m.battr)
		c.checkAPIs(b, m.apis)
		return c.checkMedia(b, m, adm, secure)
	case openrtb2.MarkupNative:
		c.checkAttributes(b, imp.Native.BAttr)
		c.checkAPIs(b, imp.Native.API)
		c.checkNative(b, imp.Native, c.natives[at], adm, secure)
	}
	return b.Dur
}

func severalFormats(imp *openrtb2.Imp) bool {
	n := 0
	for f := openrtb2.MarkupBanner; f <= openrtb2.MarkupNative; f++ {
		if takes(imp, f) {
			n++
		}
	}
	return n > 1
}

func (c *checker) checkAttributes(b *bid, blocked []adcom1.CreativeAttribute) {
	for _, a := range b.Attr {
		if contains(blocked, a) {
			c.add(BAttr, "%d", a)
		}
	}
}

// checkAPIs holds a bid to the frameworks of the imp: one of those that the
// markup may run in, as it says itself.
func (c *checker) checkAPIs(b *bid, supported []adcom1.APIFramework) {
	said := b.APIs
	if len(said) == 0 && b.API != 0 {
		said = []adcom1.APIFramework{b.API}
	}
	if len(said) > 0 && !containsAny(supported, said) {
		c.add(API, "one of %v, and the imp has %v", said, supported)
	}
	if b.API != 0 && len(b.APIs) > 0 && !contains(b.APIs, b.API) {
		c.add(API, "%d is not among %v", b.API, b.APIs)
	}
}

// expandable is those of list "Creative Attributes" that expand.
var expandable = []adcom1.CreativeAttribute{
	adcom1.AttrExpandableAuto, adcom1.AttrExpandableUserClick, adcom1.AttrExpandableUserRollover,
}

// mayExpand goes by expdir. Which way a creative expands no bid can say: it
// must have the four sides, or the full screen.
func mayExpand(sides []adcom1.ExpandableDirection) bool {
	if len(sides) == 0 || contains(sides, adcom1.ExpandableFullScreen) {
		return true
	}
	for side := adcom1.ExpandableLeft; side <= adcom1.ExpandableDown; side++ {
		if !contains(sides, side) {
			return false
		}
	}
	return true
}

// showsHTML says whether a list of MIME types has room for HTML: exchanges that
// list images alone mean what the HTML shows.
func showsHTML(mimes []string) bool {
	for _, m := range mimes {
		m = strings.ToLower(strings.TrimSpace(m))
		if strings.HasPrefix(m, "image/") || m == "text/html" || m == "application/javascript" || m == "text/javascript" {
			return true
		}
	}
	return len(mimes) == 0
}

// checkBanner holds a banner to the imp's sizes, types and sides (section
// 3.2.6).
func (c *checker) checkBanner(b *bid, banner *openrtb2.Banner, adm string) {
	if !fitsBanner(b, banner) {
		c.add(Size, "%dx%d", b.W, b.H)
	}
	if containsAny(b.Attr, expandable) && !mayExpand(banner.ExpDir) {
		c.add(ExpDir, "to %v alone", banner.ExpDir)
	}
	if !showsHTML(banner.MIMEs) {
		c.add(MIME, "HTML is none of %q", banner.MIMEs)
	}
	for _, t := range banner.BType {
		if t == openrtb2.BannerAdTypeJavaScriptAd && script.MatchString(adm) || t == openrtb2.BannerAdTypeIframe && frame.MatchString(adm) {
			c.add(BType, "%d", t)
		}
	}
}

// fitsBanner says whether the bid's size is one that the imp asks for: w x h,
// a format, the ratio of a flexible format, or within the limits of OpenRTB
// 2.3. An imp without any asks for none.
func fitsBanner(b *bid, banner *openrtb2.Banner) bool {
	if b.W <= 0 || b.H <= 0 {
		return b.WRatio > 0 && b.HRatio > 0
	}
	asks := false
	if banner.W != nil && banner.H != nil && *banner.W > 0 && *banner.H > 0 {
		asks = true
		if *banner.W == b.W && *banner.H == b.H {
			return true
		}
	}
	for _, f := range banner.Format {
		switch {
		case f.W > 0 && f.H > 0:
			asks = true
			if f.W == b.W && f.H == b.H {
				return true
			}
		case f.WRatio > 0 && f.HRatio > 0:
			asks = true
			if b.W*f.HRatio == b.H*f.WRatio && b.W >= f.WMin {
				return true
			}
		}
	}
	if banner.WMax > 0 || banner.HMax > 0 || banner.WMin > 0 || banner.HMin > 0 {
		asks = true
		if b.W >= banner.WMin && b.H >= banner.HMin && (banner.WMax == 0 || b.W <= banner.WMax) && (banner.HMax == 0 || b.H <= banner.HMax) {
			return true
		}
	}
	return !asks
}
