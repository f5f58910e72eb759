package catalog

import "strings"

// BannerTypes is a set of OpenRTB's "Banner Ad Types" (section 5.2 of AdCOM's
// predecessor list): bit n is type n.
type BannerTypes uint8

// The types that markup may count as. Type 1, the XHTML text ad, is not ours.
const (
	xhtmlBanner  = 2
	javaScriptAd = 3
	iframeAd     = 4
)

// bannerTypes returns everything that an exchange may take the markup for. An
// HTML banner is type 2; a script or iframe in it makes it 3 or 4 as well,
// because a publisher who blocks those means them wherever they are.
func bannerTypes(markup string) BannerTypes {
	t := BannerTypes(1 << xhtmlBanner)
	html := strings.ToLower(markup)
	if strings.Contains(html, "<script") {
		t |= 1 << javaScriptAd
	}
	if strings.Contains(html, "<iframe") {
		t |= 1 << iframeAd
	}
	return t
}

// Has says whether the markup counts as the type.
func (t BannerTypes) Has(bannerType int) bool {
	return bannerType > 0 && bannerType < 8 && t&(1<<bannerType) != 0
}
